// The recorder of events, and those who switch it: Profiler and EmitNvtx.
#include "profiler.h"

#include "../../kernels/error.h"
#include "../cuda.h"
#include "../dispatch.h"
#include "recorder.h"
#if defined(CUTTLE_CUDA)
#include "../../kernels/cuda_ranges.h"
#endif

namespace cuttle {
namespace profiler {
namespace {

std::atomic<int> listeners{0}, nvtx_writers{0};

}  // namespace

namespace detail {
constinit std::atomic<bool> listening{false};
}

void count_listener(int change) noexcept {
  detail::listening = (listeners += change) > 0;
}

bool writes_nvtx() noexcept {
  return nvtx_writers > 0;
}

#if defined(CUTTLE_CUDA)
void push_nvtx(const std::string& name) noexcept {
  kernels::cuda::push_range(name.c_str());
}
void pop_nvtx() noexcept {
  kernels::cuda::pop_range();
}
#else
void push_nvtx(const std::string&) noexcept {}
void pop_nvtx() noexcept {}
#endif

Recorder& Recorder::get() {
  static Recorder recorder;
  return recorder;
}

void Recorder::start(const ProfilerOptions& options) {
  const std::lock_guard lock(mutex_);
  if (is_running()) fail("Profiler: another one runs; stop() it first");
  options_ = options;
  events_.clear();
  beginnings_.clear();
  begin_ = Clock::now();
  ++session_;
  running_.store(true, std::memory_order_release);
}

double Recorder::microseconds(Clock::time_point time) const {
  return std::chrono::duration<double, std::micro>(time - begin_).count();
}

void Recorder::add(OpenEvent event) {
  const std::lock_guard lock(mutex_);
  if (is_running()) events_.push_back(std::move(event));
}

#if defined(CUTTLE_CUDA)

std::optional<DeviceMark> Recorder::mark(const Device& device) {
  if (!device.is_cuda()) return {};
  const auto stream = current_stream(device);
  const auto set = [&]() -> std::optional<DeviceMark> {
    std::optional<DeviceMark> mark(std::in_place, device.index(), /*timing=*/true);
    return mark->record_outside_captures(stream) ? std::move(mark) : std::nullopt;
  };
  const auto number = static_cast<size_t>(device.index());
  {
    const std::lock_guard lock(mutex_);
    if (beginnings_.size() <= number) beginnings_.resize(number + 1);
    if (!beginnings_[number]) beginnings_[number] = set();
  }
  return set();
}

#else

std::optional<DeviceMark> Recorder::mark(const Device&) {
  return {};
}

#endif

namespace {

double between(const DeviceMark& from, const DeviceMark& to) {
#if defined(CUTTLE_CUDA)
  return from.milliseconds_until(to) * 1e3;
#else
  static_cast<void>(from), static_cast<void>(to);
  return 0;
#endif
}

// Device times of an event whose kernels are done.
ProfilerEvent closed(OpenEvent open, const std::vector<std::optional<DeviceMark>>& beginnings) {
  ProfilerEvent& event = open.event;
  for (const Launch& launch : open.launches) {
    event.device = launch.device;
    if (!launch.device.is_cuda()) {
      event.has_kernels = true;
      event.device_time +=
          std::chrono::duration<double, std::micro>(launch.end - launch.begin).count();
    } else if (launch.from && launch.to) {
      if (!event.has_kernels)
        event.device_start =
            between(*beginnings[static_cast<size_t>(launch.device.index())], *launch.from);
      event.has_kernels = true;
      event.device_time += between(*launch.from, *launch.to);
    }
  }
  return std::move(event);
}

}  // namespace

std::vector<ProfilerEvent> Recorder::stop() {
  std::vector<OpenEvent> events;
  std::vector<std::optional<DeviceMark>> beginnings;
  {
    const std::lock_guard lock(mutex_);
    running_.store(false, std::memory_order_release);
    events.swap(events_);
    beginnings.swap(beginnings_);
  }
  for (size_t device = 0; device < beginnings.size(); ++device)
    if (beginnings[device]) cuda::synchronize(static_cast<int>(device));
  std::vector<ProfilerEvent> done;
  for (OpenEvent& event : events) done.push_back(closed(std::move(event), beginnings));
  return done;
}

}  // namespace profiler

Profiler::Profiler(const ProfilerOptions& options) {
  profiler::Recorder::get().start(options);
  profiler::count_listener(1);
}

Profiler::~Profiler() {
  try {
    stop();
  } catch (
      const std::exception&) {  // NOLINT: a kernel's error, which the next wait would throw too
  }
}

void Profiler::stop() {
  if (!running_) return;
  running_ = false;
  profiler::end_thread_operation();
  profiler::count_listener(-1);
  events_ = profiler::Recorder::get().stop();
}

const std::vector<ProfilerEvent>& Profiler::events() {
  stop();
  return events_;
}

EmitNvtx::EmitNvtx(bool enabled) : enabled_(enabled) {
  if (!enabled_) return;
  ++profiler::nvtx_writers;
  profiler::count_listener(1);
}
EmitNvtx::~EmitNvtx() {
  if (!enabled_) return;
  profiler::count_listener(-1);
  --profiler::nvtx_writers;
}

}  // namespace cuttle
