// TensorBoard event files. A file is a sequence of TFRecords: u64 length, u32 masked CRC-32C of
// those eight bytes, the payload, u32 masked CRC-32C of it; all little-endian. Each payload is an
// `Event` in protobuf's wire format, written by hand here: a field is a varint (number · 8 + wire
// type), then its value.
#include "summary_writer.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "../core/text.h"
#include "../kernels/error.h"
#include "crc32.h"

namespace cuttle {
namespace {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little, "event files are little-endian");

template <class T>
void append_raw(std::string& out, T value) {
  std::array<char, sizeof(T)> bytes{};
  std::memcpy(bytes.data(), &value, sizeof(T));
  out.append(bytes.data(), bytes.size());
}

void append_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7F) | 0x80);
  out += static_cast<char>(value);
}

// Protobuf's wire types.
enum class Wire : uint32_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

void append_key(std::string& out, uint32_t field, Wire wire) {
  append_varint(out, field << 3 | static_cast<uint32_t>(wire));
}

void append_bytes(std::string& out, uint32_t field, std::string_view bytes) {
  append_key(out, field, Wire::bytes);
  append_varint(out, bytes.size());
  out.append(bytes);
}

// Event: wall_time = 1.
std::string begin_event(double walltime) {
  std::string event;
  append_key(event, 1, Wire::fixed64);
  append_raw(event, walltime);
  return event;
}

double now() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since_1970).count();
}

std::string host_name() {
  std::array<char, 256> name{};
  const bool known = ::gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0';
  return known && is_utf8(name.data()) ? name.data() : "localhost";
}

// "runs/Nov23_05-46-00_host".
fs::path default_log_dir() {
  const std::time_t time = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&time, &local);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%b%d_%H-%M-%S", &local);
  return fs::path("runs") / (std::string(date.data()) + "_" + host_name());
}

// events.out.tfevents.<10-digit seconds>.<host>.<pid>.<uid>
std::string file_name(double walltime) {
  static std::atomic<unsigned> uid{0};
  std::array<char, 16> seconds{};
  std::snprintf(seconds.data(), seconds.size(), "%010lld", static_cast<long long>(walltime));
  return std::string("events.out.tfevents.") + seconds.data() + "." + host_name() + "." +
         std::to_string(::getpid()) + "." + std::to_string(uid++);
}

// A single string that is not UTF-8, in a record or as a folder's name, and TensorBoard shows
// nothing of all the curves beside it.
void check_utf8(const char* function, const char* what, std::string_view text) {
  if (!is_utf8(text)) {
    fail(function, ": the ", what, ' ', in_quotes(text),
         " is not UTF-8, the one encoding that TensorBoard reads; convert it first");
  }
}

}  // namespace

SummaryWriter::SummaryWriter(const fs::path& log_dir, const SummaryWriterOptions& options)
    : log_dir_(log_dir.empty() ? default_log_dir() : log_dir),
      options_(options),
      last_flush_(std::chrono::steady_clock::now()) {
  check_utf8("SummaryWriter", "folder", log_dir_.native());
  std::error_code error;
  fs::create_directories(log_dir_, error);
  if (error) fail("SummaryWriter: cannot make folder ", log_dir_.string(), ": ", error.message());
  const double walltime = now();
  file_ = File::create(log_dir_ / file_name(walltime));
  // The first record tells the version: file_version = 3.
  std::string event = begin_event(walltime);
  append_bytes(event, 3, "brain.Event:2");
  add_record(event);
  flush();
}

SummaryWriter::~SummaryWriter() {
  try {
    close();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "SummaryWriter: the last records are lost: %s\n", error.what());
  }
}

void SummaryWriter::add_scalar(std::string_view tag, double value, int64_t global_step,
                               std::optional<double> walltime) {
  if (!file_.is_open()) {
    fail("SummaryWriter: add_scalar(", in_quotes(tag), ") after close(); make a new writer");
  }
  check_utf8("add_scalar", "tag", tag);
  // Summary.Value: tag = 1, simple_value = 2. Summary: value = 1. Event: step = 2, summary = 5.
  std::string point;
  append_bytes(point, 1, tag);
  append_key(point, 2, Wire::fixed32);
  append_raw(point, static_cast<float>(value));
  std::string summary;
  append_bytes(summary, 1, point);
  std::string event = begin_event(walltime.value_or(now()));
  append_key(event, 2, Wire::varint);
  append_varint(event, static_cast<uint64_t>(global_step));
  append_bytes(event, 5, summary);
  add_record(event);

  const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - last_flush_;
  if (waiting_.size() >= options_.flush_bytes || waited.count() >= options_.flush_seconds) flush();
}

void SummaryWriter::add_record(std::string_view event) {
  const auto length = static_cast<uint64_t>(event.size());
  append_raw(waiting_, length);
  append_raw(waiting_, masked_crc32c(&length, sizeof(length)));
  waiting_.append(event);
  append_raw(waiting_, masked_crc32c(event.data(), event.size()));
}

void SummaryWriter::flush() {
  if (waiting_.empty()) return;
  try {
    file_.write(waiting_.data(), waiting_.size());
  } catch (const Error&) {
    file_.truncate(written_);  // half a record would end the reading of everything after it
    throw;
  }
  written_ += waiting_.size();
  waiting_.clear();
  last_flush_ = std::chrono::steady_clock::now();
}

void SummaryWriter::close() {
  if (!file_.is_open()) return;
  flush();
  file_.close();
}

}  // namespace cuttle
