// What the hooks hand on while a Profiler runs: one recorder for all threads.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <vector>

#include "profiler.h"
#if defined(CUTTLE_CUDA)
#include "../../kernels/cuda_runtime.h"
#endif

namespace cuttle::profiler {

using Clock = std::chrono::steady_clock;

#if defined(CUTTLE_CUDA)
using DeviceMark = kernels::cuda::Event;
#else
struct DeviceMark {};
#endif

/// A stretch of launches: on the host's clock and, on a CUDA device, between two marks.
struct Launch {
  std::string_view op;  // "" where no operation was named
  const char* file = "";
  Device device = {};
  Clock::time_point begin = {}, end = {};
  std::optional<DeviceMark> from = {}, to = {};
};

/// An event whose kernels may still run.
struct OpenEvent {
  ProfilerEvent event;
  std::vector<Launch> launches;
};

class Recorder {
 public:
  static Recorder& get();

  /// Throws Error where it runs already.
  void start(const ProfilerOptions& options);
  /// Waits for the devices, and gives the events with their device times.
  std::vector<ProfilerEvent> stop();
  bool is_running() const noexcept { return running_.load(std::memory_order_acquire); }
  /// Counts the starts: what a thread kept of an earlier session is worth nothing.
  uint64_t session() const noexcept { return session_.load(std::memory_order_acquire); }
  const ProfilerOptions& options() const noexcept { return options_; }

  double microseconds(Clock::time_point time) const;
  void add(OpenEvent event);
  /// A mark behind what is queued on the device's current stream; nothing on a CPU or in a capture.
  std::optional<DeviceMark> mark(const Device& device);

 private:
  std::mutex mutex_;
  std::atomic<bool> running_ = false;
  std::atomic<uint64_t> session_ = 0;
  ProfilerOptions options_;
  Clock::time_point begin_;
  std::vector<OpenEvent> events_;
  std::vector<std::optional<DeviceMark>> beginnings_;  // of the devices, by number
};

/// Ends what this thread's last operation launched, where nothing said that it is done.
void end_thread_operation();

/// Who listens: the recorder, and writers of NVTX ranges.
void count_listener(int change) noexcept;

/// Whether NVTX ranges are written, and their two calls; nothing without CUDA.
bool writes_nvtx() noexcept;
void push_nvtx(const std::string& name) noexcept;
void pop_nvtx() noexcept;

}  // namespace cuttle::profiler
