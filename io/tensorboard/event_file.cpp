#include "event_file.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstdio>

#include "../../core/text.h"
#include "../../kernels/error.h"
#include "../files/crc32.h"
#include "names.h"

namespace cuttle::tensorboard {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "events.out.tfevents.";
constexpr const char* kVersion = "brain.Event:2";

// The largest number of seconds in the names of a folder's event files; 0 for none.
int64_t newest_in(const fs::path& folder) {
  int64_t newest = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    int64_t seconds = 0;
    std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), seconds);
    newest = std::max(newest, seconds);
  }
  return newest;
}

// events.out.tfevents.<10-digit seconds>.<host>.<pid>.<uid>: readers take files in the names'
// order.
std::string file_name(int64_t seconds, const std::string& suffix) {
  static std::atomic<unsigned> uid{0};
  std::array<char, 24> digits{};
  std::snprintf(digits.data(), digits.size(), "%010lld", static_cast<long long>(seconds));
  return std::string(kPrefix) + digits.data() + "." + host_name() + "." +
         std::to_string(::getpid()) + "." + std::to_string(uid++) + suffix;
}

// Event: wall_time = 1, step = 2.
Message begin_event(const When& when) {
  Message event;
  event.float64(1, when.walltime);
  if (when.step != 0) event.integer(2, when.step);
  return event;
}

}  // namespace

double now() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since_1970).count();
}

EventFile::EventFile(const fs::path& folder, const EventFileOptions& options)
    : options_(options), last_flush_(std::chrono::steady_clock::now()) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail("SummaryWriter: cannot make folder ", folder.string(), ": ", error.message());
  const double walltime = now();
  auto seconds = static_cast<int64_t>(walltime);
  if (options_.purge_step) seconds = std::max(seconds, newest_in(folder) + 1);
  file_ = File::create(folder / file_name(seconds, options_.filename_suffix));
  path_ = file_.path();
  // Event: file_version = 3, session_log = 7 with status = 1 of START, which is 1.
  add_record(begin_event({0, walltime}).bytes(3, kVersion));
  if (options_.purge_step) {
    const When purge{*options_.purge_step, walltime};
    add_record(begin_event(purge).bytes(3, kVersion));
    add_record(begin_event(purge).message(7, Message().integer(1, 1)));
  }
  write_waiting();
}

EventFile::~EventFile() {
  try {
    close();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "SummaryWriter: the last records are lost: %s\n", error.what());
  }
}

void EventFile::add(const When& when, uint32_t field, const Message& message) {
  const Message event = begin_event(when).message(field, message);
  const std::lock_guard lock(mutex_);
  if (!file_.is_open()) fail("SummaryWriter: ", path_.string(), " is closed; make a new writer");
  add_record(event);
  const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - last_flush_;
  if (waiting_events_ >= options_.max_queue || waited.count() >= options_.flush_secs)
    write_waiting();
}

void EventFile::add_record(const Message& event) {
  const std::string& bytes = event.str();
  const auto length = static_cast<uint64_t>(bytes.size());
  append_raw(waiting_, length);
  append_raw(waiting_, masked_crc32c(&length, sizeof(length)));
  waiting_.append(bytes);
  append_raw(waiting_, masked_crc32c(bytes.data(), bytes.size()));
  ++waiting_events_;
}

void EventFile::write_waiting() {
  if (waiting_.empty()) return;
  try {
    file_.write(waiting_.data(), waiting_.size());
  } catch (const Error&) {
    file_.truncate(written_);  // half a record would end the reading of everything after it
    throw;
  }
  written_ += waiting_.size();
  waiting_.clear();
  waiting_events_ = 0;
  last_flush_ = std::chrono::steady_clock::now();
}

void EventFile::flush() {
  const std::lock_guard lock(mutex_);
  if (file_.is_open()) write_waiting();
}

void EventFile::close() {
  const std::lock_guard lock(mutex_);
  if (!file_.is_open()) return;
  write_waiting();
  file_.close();
}

bool EventFile::is_open() const {
  const std::lock_guard lock(mutex_);
  return file_.is_open();
}

}  // namespace cuttle::tensorboard
