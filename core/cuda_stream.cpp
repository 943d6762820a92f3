#include "cuda_stream.h"

#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "dispatch.h"
#include "stream_use.h"
#include "tensor_impl.h"
#if defined(CUTTLE_CUDA)
#include "../kernels/cuda_graph.h"
#include "../kernels/cuda_runtime.h"
#endif

#if defined(CUTTLE_CUDA)

namespace cuttle {
namespace {

namespace gpu = kernels::cuda;
using Handle = std::shared_ptr<const gpu::Stream>;

// Streams are never destroyed: graphs, cached memory and scratch space belong to them. Those that
// nobody holds wait here for the next who wants one.
struct Registry {
  struct OfDevice {
    Handle standard;  // the default stream
    std::vector<gpu::Stream> all, unused;
  };
  std::mutex mutex;
  std::map<int, OfDevice> devices;
};

Registry& registry() {
  static Registry& instance = *std::make_unique<Registry>().release();
  return instance;
}

void put_back(const gpu::Stream* stream) {
  const std::unique_ptr<const gpu::Stream> owner(stream);
  const std::lock_guard lock(registry().mutex);
  registry().devices[stream->device].unused.push_back(*stream);
}

gpu::Stream create(Registry::OfDevice& streams, int device) {
  const gpu::Stream made = gpu::create_stream(device);
  streams.all.push_back(made);
  return made;
}

Handle take_stream(int device) {
  gpu::refuse_after_fork();
  const std::lock_guard lock(registry().mutex);
  Registry::OfDevice& streams = registry().devices[device];
  if (streams.unused.empty()) streams.unused.push_back(create(streams, device));
  auto owner = std::make_unique<const gpu::Stream>(streams.unused.back());
  streams.unused.pop_back();
  return {owner.release(), put_back};
}

Handle standard_stream(int device) {
  const std::lock_guard lock(registry().mutex);
  Registry::OfDevice& streams = registry().devices[device];
  if (!streams.standard)
    streams.standard = std::make_shared<const gpu::Stream>(create(streams, device));
  return streams.standard;
}

// This thread's current stream of a device.
Handle& current_handle(int device) {
  thread_local std::vector<Handle> current;  // by device; null where it never was asked for
  const auto index = static_cast<size_t>(device);
  if (index >= current.size()) current.resize(index + 1);
  if (!current[index]) {
    gpu::refuse_after_fork();
    current[index] = standard_stream(device);
  }
  return current[index];
}

void check_captured(const gpu::Stream& stream) {
  if (!gpu::is_captured(stream))
    fail("this thread captures a CUDA graph, and its current stream of cuda:", stream.device,
         " is no part of it; capture on the current stream, and let another one join with "
         "wait_stream()");
}

}  // namespace

kernels::cuda::Stream current_stream(const Device& device) {
  gpu::refuse_after_fork();
  const gpu::Stream stream = *current_handle(device.index());
  if (gpu::is_capturing()) check_captured(stream);
  return stream;
}

void note_use(const std::shared_ptr<Storage>& storage) {
  storage->note_use(current_stream(storage->device()).handle);
  if (gpu::is_capturing()) keep_for_capture(storage);
}

void refuse_while_capturing(const Device& device, std::string_view call,
                            std::string_view why_and_mend) {
  if (device.is_cuda()) gpu::refuse_while_capturing(call, why_and_mend);
}

void synchronize_streams(const Device& device) {
  std::vector<gpu::Stream> streams;
  {
    const std::lock_guard lock(registry().mutex);
    streams = registry().devices[device.index()].all;
  }
  for (const gpu::Stream& stream : streams) {
    gpu::Event mark(device.index());
    if (mark.record_outside_captures(stream)) mark.synchronize();
  }
  gpu::throw_reported_errors(device.index());
}

namespace cuda {

namespace {

constexpr std::string_view kAskLater = "it tells of the moment; ask after replay()";
constexpr std::string_view kWaitLater = "it waits for the device; wait after replay()";

}  // namespace

Stream::Stream(int device) : native_(take_stream(Device(DeviceType::cuda, device).index())) {}

bool Stream::query() const {
  gpu::refuse_while_capturing("Stream::query", kAskLater);
  return gpu::is_idle(*native_);
}

void Stream::synchronize() const {
  gpu::refuse_while_capturing("Stream::synchronize", kWaitLater);
  gpu::synchronize(*native_);
}

void Stream::wait_stream(const Stream& other) const {
  if (*this == other) return;
  wait_event(other.record_event());
}

Event Stream::record_event() const {
  Event event;
  event.record(*this);
  return event;
}

Stream current_stream(int device) {
  return Stream(current_handle(Device(DeviceType::cuda, device).index()));
}

Stream default_stream(int device) {
  gpu::refuse_after_fork();
  return Stream(standard_stream(Device(DeviceType::cuda, device).index()));
}

StreamGuard::StreamGuard(const Stream& stream)
    : before_(std::exchange(current_handle(stream.native_->device), stream.native_)) {}

StreamGuard::~StreamGuard() {
  current_handle(before_.native_->device) = before_.native_;
}

struct Event::Mark {
  gpu::Event event;
  int device = 0;
  bool captured = false;  // recorded in a stream that was being captured
};

void Event::record(const Stream& stream) {
  const gpu::Stream native = stream.native();
  if (!mark_ || mark_->device != native.device)
    mark_ = std::make_unique<Mark>(Mark{gpu::Event(native.device, timing_), native.device});
  mark_->captured = gpu::is_capturing() && gpu::is_captured(native);
  mark_->event.record(native);
}

void Stream::wait_event(const Event& event) const {
  if (!event.mark_) return;
  if (gpu::is_capturing() && !event.mark_->captured && gpu::is_captured(*native_))
    fail(
        "wait_event: a stream that is captured cannot wait for an event from outside of the "
        "capture; wait before the capture begins");
  if (!gpu::is_capturing() && event.mark_->captured)
    fail(
        "wait_event: the event was recorded in a capture that has ended, so no work is behind it; "
        "record it again");
  event.mark_->event.block(*native_);
}

bool Event::query() const {
  gpu::refuse_while_capturing("Event::query", kAskLater);
  return !mark_ || mark_->captured || mark_->event.is_done();
}

void Event::synchronize() const {
  gpu::refuse_while_capturing("Event::synchronize", kWaitLater);
  if (mark_ && !mark_->captured) mark_->event.synchronize();
}

double Event::elapsed_time(const Event& later) const {
  if (!timing_ || !later.timing_)
    fail("elapsed_time: both events must be made with enable_timing = true");
  if (!mark_ || !later.mark_ || !query() || !later.query())
    fail(
        "elapsed_time: both events must be recorded and reached; synchronize() with the later one "
        "first");
  return mark_->event.milliseconds_until(later.mark_->event);
}

}  // namespace cuda
}  // namespace cuttle

#else

namespace cuttle {

kernels::cuda::Stream current_stream(const Device& device) {
  fail("this build has no streams of ", device);
}
void note_use(const std::shared_ptr<Storage>&) {}
void refuse_while_capturing(const Device&, std::string_view, std::string_view) {}

namespace cuda {

// Nothing below is reached but for constructors: naming a CUDA device throws.
Stream::Stream(int device) {
  Device(DeviceType::cuda, device);
}
bool Stream::query() const {
  return true;
}
void Stream::synchronize() const {}
void Stream::wait_event(const Event&) const {}
void Stream::wait_stream(const Stream&) const {}
Event Stream::record_event() const {
  return Event();
}
Stream current_stream(int device) {
  return Stream(device);
}
Stream default_stream(int device) {
  return Stream(device);
}
StreamGuard::StreamGuard(const Stream& stream) : before_(stream) {}
StreamGuard::~StreamGuard() = default;
struct Event::Mark {};
void Event::record(const Stream&) {}
bool Event::query() const {
  return true;
}
void Event::synchronize() const {}
double Event::elapsed_time(const Event&) const {
  return 0;
}

}  // namespace cuda
}  // namespace cuttle

#endif

namespace cuttle::cuda {

Event::Event(bool enable_timing) : timing_(enable_timing) {
  Device("cuda");
}
Event::~Event() = default;
Event::Event(Event&&) noexcept = default;
Event& Event::operator=(Event&&) noexcept = default;

}  // namespace cuttle::cuda
