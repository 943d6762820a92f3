// Puts launches and operations together, on each thread by itself.
#include "hooks.h"

#include <algorithm>
#include <string>
#include <utility>

#include "../allocators.h"
#include "../cuda.h"
#include "../tensor.h"
#include "recorder.h"

namespace cuttle::profiler {
namespace {

struct OpenRange {
  RangeKind kind;
  std::string name;
  Clock::time_point begin;
  double inner_time = 0;  // µs of operations within it
  bool wrote_nvtx = false;
  std::vector<Shape> shapes = {};
};

bool owns_launches(RangeKind kind) {
  return kind == RangeKind::operation || kind == RangeKind::backward;
}

struct Thread {
  int number = 0;
  uint64_t session = 0;
  std::string_view op;  // named, and not at its end
  Clock::time_point op_begin = {};
  std::vector<Launch> launches;  // of no event yet
  std::vector<OpenRange> ranges;
  std::vector<bool> launch_nvtx;  // of the launches that are under way
  std::vector<std::pair<Device, int64_t>> allocated;
};

// This thread's state, empty where a new session has begun.
Thread& this_thread() {
  static std::atomic<int> threads{0};
  static thread_local Thread thread = [] {
    Thread made;
    made.number = ++threads;
    return made;
  }();
  if (const uint64_t session = Recorder::get().session(); thread.session != session) {
    thread.session = session;
    thread.op = {};
    thread.launches.clear();
    thread.allocated.clear();
  }
  return thread;
}

// "softmax" of "/…/core/ops/softmax.cpp".
std::string_view stem(std::string_view file) {
  file.remove_prefix(file.find_last_of('/') + 1);
  return file.substr(0, file.find('.'));
}

bool within_operation(const Thread& thread) {
  return std::any_of(thread.ranges.begin(), thread.ranges.end(),
                     [](const OpenRange& range) { return owns_launches(range.kind); });
}

void note_memory(Thread& thread, const Device& device, ProfilerEvent& event) {
  if (!Recorder::get().options().profile_memory) return;
  event.allocated = static_cast<int64_t>(allocator_of(device).stats().allocated_bytes);
  const auto known = std::find_if(thread.allocated.begin(), thread.allocated.end(),
                                  [&](const auto& entry) { return entry.first == device; });
  if (known == thread.allocated.end()) {
    thread.allocated.emplace_back(device, event.allocated);
    return;
  }
  event.memory = event.allocated - std::exchange(known->second, event.allocated);
}

// What was allocated before the first operation is none of its memory.
void begin_memory(Thread& thread) {
  if (!thread.allocated.empty() || !Recorder::get().is_running()) return;
  ProfilerEvent ignored;
  note_memory(thread, Device(), ignored);
  for (int i = 0; i < cuda::device_count(); ++i)
    note_memory(thread, Device(DeviceType::cuda, i), ignored);
}

std::vector<Shape> shapes_of(std::span<const Tensor> tensors) {
  std::vector<Shape> shapes;
  if (!Recorder::get().options().record_shapes) return shapes;
  for (const Tensor& tensor : tensors)
    if (tensor.defined()) shapes.push_back(tensor.shape());
  return shapes;
}

// An event of all launches that have none yet.
void add_event(Thread& thread, ProfilerEvent event, Clock::time_point begin, double inner_time) {
  Recorder& recorder = Recorder::get();
  std::vector<Launch> launches = std::exchange(thread.launches, {});
  thread.op = {};
  if (!recorder.is_running()) return;
  event.thread = thread.number;
  event.start = recorder.microseconds(begin);
  event.cpu_time = recorder.microseconds(Clock::now()) - event.start;
  event.self_cpu_time = event.cpu_time - inner_time;
  if (!launches.empty()) event.device = launches.back().device;
  if (owns_launches(event.kind)) {
    note_memory(thread, event.device, event);
    for (OpenRange& outer : thread.ranges) outer.inner_time += event.self_cpu_time;
  }
  recorder.add({std::move(event), std::move(launches)});
}

// Launches of an operation that is not recorded: a comparison, a fill.
void end_unrecorded(Thread& thread) {
  if (thread.launches.empty()) return;
  const Launch& first = thread.launches.front();
  ProfilerEvent event;
  event.name = first.op.empty() ? stem(first.file) : first.op;
  const auto begin = first.op == thread.op ? std::min(first.begin, thread.op_begin) : first.begin;
  add_event(thread, std::move(event), begin, 0);
}

}  // namespace

void end_thread_operation() {
  end_unrecorded(this_thread());
}

void LaunchScope::begin(const Device& device, const std::source_location& where) {
  Thread& thread = this_thread();
  Launch launch;
  launch.op = thread.op;
  launch.file = where.file_name();
  launch.device = device;
  if (Recorder::get().is_running()) {
    begin_memory(thread);
    launch.from = Recorder::get().mark(device);
  }
  const bool nvtx = writes_nvtx();
  if (nvtx) push_nvtx(std::string(launch.op.empty() ? stem(launch.file) : launch.op));
  thread.launch_nvtx.push_back(nvtx);
  launch.begin = Clock::now();
  thread.launches.push_back(std::move(launch));
  began_ = true;
}

void LaunchScope::end() noexcept {
  Thread& thread = this_thread();
  if (!thread.launches.empty()) {
    Launch& launch = thread.launches.back();
    launch.end = Clock::now();
    try {
      if (Recorder::get().is_running()) launch.to = Recorder::get().mark(launch.device);
    } catch (const std::exception&) {  // NOLINT: the launch's own error is the one to tell
    }
  }
  if (thread.launch_nvtx.back()) pop_nvtx();
  thread.launch_nvtx.pop_back();
}

void begin_operation(std::string_view op) {
  Thread& thread = this_thread();
  // Operands are checked one by one, under the same name.
  if (within_operation(thread) || (thread.op == op && thread.launches.empty())) return;
  end_unrecorded(thread);
  begin_memory(thread);
  thread.op = op;
  thread.op_begin = Clock::now();
}

void end_operation(std::string_view op, std::span<const Tensor> outputs,
                   std::span<const Tensor> inputs) {
  Thread& thread = this_thread();
  if (within_operation(thread)) return;
  ProfilerEvent event;
  event.name = op;
  event.input_shapes = shapes_of(inputs);
  event.output_shapes = shapes_of(outputs);
  if (!outputs.empty() && outputs[0].defined()) event.device = outputs[0].device();
  auto begin = thread.op.empty() ? Clock::now() : thread.op_begin;
  if (!thread.launches.empty()) begin = std::min(begin, thread.launches.front().begin);
  add_event(thread, std::move(event), begin, 0);
}

void begin_range(RangeKind kind, std::string_view name) {
  Thread& thread = this_thread();
  if (!within_operation(thread)) end_unrecorded(thread);
  if (owns_launches(kind)) thread.op = {};
  begin_memory(thread);
  OpenRange range{kind, std::string(name), Clock::now(), 0, writes_nvtx(), {}};
  if (kind == RangeKind::backward) range.name += " backward";
  if (range.wrote_nvtx) push_nvtx(range.name);
  thread.ranges.push_back(std::move(range));
}

void end_range() noexcept {
  Thread& thread = this_thread();
  const OpenRange range = std::move(thread.ranges.back());
  thread.ranges.pop_back();
  if (range.wrote_nvtx) pop_nvtx();
  if (!owns_launches(range.kind) && !within_operation(thread)) end_unrecorded(thread);
  ProfilerEvent event;
  event.name = range.name;
  event.kind = range.kind;
  if (owns_launches(range.kind)) return add_event(thread, event, range.begin, range.inner_time);
  std::vector<Launch> kept = std::exchange(thread.launches, {});  // of the operation around it
  add_event(thread, event, range.begin, range.inner_time);
  thread.launches = std::move(kept);
}

}  // namespace cuttle::profiler
