// The register of choices, its text, and trials.
#include "choices.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <map>
#include <memory>
#include <mutex>

#include "../cuda_runtime.h"
#include "check.h"
#include "owned.h"

namespace cuttle::kernels::cuda {

namespace {

constexpr std::string_view kSeparator = " = ";
constexpr int kRepeats = 5;           // of which the least counts
constexpr float kWorthwhile = 0.95f;  // of the first candidate's time

struct Register {
  std::mutex mutex;
  std::map<std::string, std::string> names;
  std::atomic<uint64_t> version{0};
};

/// Never destroyed: global objects of a program may compute after everything else is gone.
Register& the_register() {
  static Register* const instance = std::make_unique<Register>().release();
  return *instance;
}

using TimedEvent = Owned<cudaEvent_t, cudaEventDestroy>;

/// Microseconds of one run, or infinity where it refuses.
float time_on(Stream stream, const Candidate& candidate) {
  TimedEvent begin, end;
  check(cudaEventCreate(begin.out()), "cudaEventCreate");
  check(cudaEventCreate(end.out()), "cudaEventCreate");
  if (!candidate.run()) return std::numeric_limits<float>::infinity();
  float least = std::numeric_limits<float>::infinity();
  for (int i = 0; i < kRepeats; ++i) {
    check(cudaEventRecord(begin.get(), native(stream)), "cudaEventRecord");
    candidate.run();
    check(cudaEventRecord(end.get(), native(stream)), "cudaEventRecord");
    check(cudaEventSynchronize(end.get()), "cudaEventSynchronize");
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, begin.get(), end.get()), "cudaEventElapsedTime");
    least = std::min(least, 1000 * milliseconds);
  }
  return least;
}

}  // namespace

std::string chosen(const std::string& problem) {
  const std::lock_guard lock(the_register().mutex);
  const auto found = the_register().names.find(problem);
  return found == the_register().names.end() ? "" : found->second;
}

void record_choice(const std::string& problem, const std::string& name) {
  const std::lock_guard lock(the_register().mutex);
  the_register().names[problem] = name;
}

uint64_t choices_version() noexcept {
  return the_register().version;
}

std::string choices() {
  const std::lock_guard lock(the_register().mutex);
  std::string text;
  for (const auto& [problem, name] : the_register().names)
    text.append(problem).append(kSeparator).append(name).append("\n");
  return text;
}

void load_choices(std::string_view text) {
  std::map<std::string, std::string> loaded;
  for (int line_number = 1; !text.empty(); ++line_number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.empty()) continue;
    const size_t at = line.rfind(kSeparator);
    if (at == std::string_view::npos || at == 0 || at + kSeparator.size() == line.size())
      fail("load_choices: line ", line_number,
           " is not of the form '<problem> = <implementation>'; is this what choices() gave?");
    loaded[std::string(line.substr(0, at))] = line.substr(at + kSeparator.size());
  }
  const std::lock_guard lock(the_register().mutex);
  for (auto& [problem, name] : loaded) the_register().names[problem] = std::move(name);
  ++the_register().version;
}

size_t fastest(Stream stream, const std::vector<Candidate>& candidates, double milliseconds) {
  using Clock = std::chrono::steady_clock;
  const DeviceGuard guard(stream.device);
  const auto begin = Clock::now();
  size_t best = 0;
  float least = std::numeric_limits<float>::infinity();
  for (size_t i = 0; i < candidates.size(); ++i) {
    const std::chrono::duration<double, std::milli> passed = Clock::now() - begin;
    if (i > 1 && passed.count() > milliseconds) break;
    const float time = time_on(stream, candidates[i]) / (i == 0 ? 1 : kWorthwhile);
    if (time < least) least = time, best = i;
  }
  return best;
}

}  // namespace cuttle::kernels::cuda
