// Where a step's time and memory go: torch.profiler.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../device.h"
#include "../shape.h"
#include "hooks.h"

namespace cuttle {

struct ProfilerOptions {
  /// Shapes of operands and results.
  bool record_shapes = false;
  /// What each operation allocated and freed.
  bool profile_memory = false;
};

/// An operation, or a range that encloses operations. Times are in microseconds, beginnings from
/// the profiler's own.
struct ProfilerEvent {
  std::string name;
  profiler::RangeKind kind = profiler::RangeKind::operation;
  int thread = 0;
  double start = 0, cpu_time = 0;
  double self_cpu_time =
      0;                    // without operations within it, such as those that a checkpoint repeats
  Device device = {};       // where it ran
  double device_start = 0;  // on a CUDA device's own clock
  double device_time = 0;   // of its kernels: by CUDA events, on a CPU by the clock
  bool has_kernels = false;  // a view launches none; those of a graph are not timed
  std::vector<Shape> input_shapes = {}, output_shapes = {};  // with record_shapes
  int64_t memory = 0;     // with profile_memory: bytes allocated, less bytes freed …
  int64_t allocated = 0;  // … and those in live tensors afterwards
};

struct KeyTableOptions {
  /// "device_time_total", "cpu_time_total", "self_cpu_time_total", "cpu_memory_usage" or "count".
  std::string_view sort_by = "device_time_total";
  /// So many rows; all for a negative number.
  int64_t row_limit = 100;
};

/// All events of one name.
struct KeyAverage {
  std::string key;
  std::vector<Shape> input_shapes = {};
  int64_t count = 0;
  double cpu_time_total = 0, self_cpu_time_total = 0, device_time_total = 0;
  int64_t memory = 0;
};
struct KeyAverages : std::vector<KeyAverage> {
  /// The costliest first, with a line of sums below. Throws Error for another sort_by.
  std::string table(const KeyTableOptions& options = {}) const;
};

/// torch.profiler.profile: what all threads do from its construction to stop().
///
///     Profiler profiler({.record_shapes = true, .profile_memory = true});
///     train_step();
///     profiler.stop();
///     std::cout << profiler.key_averages().table({.row_limit = 10});
///     export_chrome_trace(profiler, "trace.json");  // io/chrome_trace.h; for chrome://tracing
///
/// Operations are those that the tape knows, backwards, an optimizer's steps, and copies; modules
/// and RecordFunctions enclose them in the trace. An operation's kernels are launched within
/// cpu_time, and take device_time. Each operation costs some microseconds more while it runs, and
/// two CUDA events a launch.
class Profiler {
 public:
  /// Throws Error where another one runs.
  explicit Profiler(const ProfilerOptions& options = {});
  ~Profiler();
  Profiler(const Profiler&) = delete;
  Profiler& operator=(const Profiler&) = delete;

  /// Waits for the CUDA devices that were used, and ends the recording.
  void stop();
  /// In the order in which they ended. Stops first, as the others below.
  const std::vector<ProfilerEvent>& events();
  /// Sums over operations and backwards of equal names, and shapes if asked for.
  KeyAverages key_averages(bool group_by_input_shape = false);
  /// The events as JSON that chrome://tracing and ui.perfetto.dev show: a row for each thread and
  /// each device, with shapes, device time and memory.
  std::string chrome_trace();

 private:
  bool running_ = true;
  std::vector<ProfilerEvent> events_;
};

/// torch.profiler.record_function: a named range around what a scope does.
class [[nodiscard]] RecordFunction {
 public:
  [[nodiscard]] explicit RecordFunction(std::string_view name)
      : range_(profiler::RangeKind::user, name) {}

 private:
  profiler::RangeScope range_;
};

/// torch.autograd.profiler.emit_nvtx: while one lives, operations, backwards, modules and
/// RecordFunctions write NVTX ranges, which Nsight Systems shows beside the kernels. Nothing is
/// written in builds without CUDA.
class [[nodiscard]] EmitNvtx {
 public:
  [[nodiscard]] explicit EmitNvtx(bool enabled = true);
  ~EmitNvtx();
  EmitNvtx(const EmitNvtx&) = delete;
  EmitNvtx& operator=(const EmitNvtx&) = delete;

 private:
  bool enabled_;
};

}  // namespace cuttle
