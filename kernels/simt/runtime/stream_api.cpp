// Streams and events. An event is a mark in a stream's queue: "everything up to operation n".
#include <algorithm>
#include <chrono>
#include <mutex>

#include "device_memory.h"
#include "driver.h"

using namespace cuttle::simt;

struct CUevent_st {
  using Clock = std::chrono::steady_clock;

  Queue::Mark mark;                       // what was recorded last
  std::shared_ptr<Clock::time_point> at;  // when that was reached
  bool timing = true;
  // Where it was recorded in a stream that is captured: the nodes up to there.
  std::shared_ptr<Capture> capture;
  std::vector<size_t> captured;
};

namespace {

using Lock = std::lock_guard<std::recursive_mutex>;

Driver& driver() {
  return Driver::instance();
}

// A question that a program may ask again and again lets deferred work go on a little.
cudaError_t poll(const Queue::Mark& mark) {
  if (mark.reached()) return cudaSuccess;
  driver().run_one();
  return mark.reached() ? cudaSuccess : cudaErrorNotReady;
}

cudaError_t refuse_to_wait(Queue& queue) {
  if (const cudaError_t error = refuse_if_capturing(queue)) return error;
  return refuse_implicit_dependency(queue);
}

// A wait for an event between streams of a capture: the stream joins the capture, or adds what it
// must wait for.
cudaError_t wait_in_capture(Queue& queue, const CUevent_st& event) {
  if (!event.capture) {
    queue.capture->invalid = true;
    return cudaErrorStreamCaptureIsolation;
  }
  if (event.capture->ended) {
    if (queue.capture) queue.capture->invalid = true;
    return cudaErrorCapturedEvent;
  }
  if (event.capture->invalid) return cudaErrorStreamCaptureInvalidated;
  if (driver().is_default(queue)) {
    event.capture->invalid = true;
    return cudaErrorStreamCaptureImplicit;
  }
  if (queue.capture && queue.capture != event.capture) {
    queue.capture->invalid = event.capture->invalid = true;
    return cudaErrorStreamCaptureMerge;
  }
  queue.capture = event.capture;
  for (const size_t node : event.captured) {
    if (std::find(queue.capture_last.begin(), queue.capture_last.end(), node) ==
        queue.capture_last.end()) {
      queue.capture_last.push_back(node);
    }
  }
  return cudaSuccess;
}

}  // namespace

extern "C" {

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  const Lock lock(driver().lock());
  *stream = new CUstream_st{driver().make_queue(current_device(), flags != cudaStreamNonBlocking)};
  return cudaSuccess;
}

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return cudaStreamCreateWithFlags(stream, cudaStreamDefault);
}

cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned flags, int) {
  return cudaStreamCreateWithFlags(stream, flags);
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  const Lock lock(driver().lock());
  if (!stream || stream == cudaStreamLegacy || stream == cudaStreamPerThread) {
    return result(cudaErrorInvalidResourceHandle);
  }
  driver().finish(stream->queue);  // CUDA would let it run out later
  driver().drop_queue(stream->queue);
  delete stream;
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  const Lock lock(driver().lock());
  const std::shared_ptr<Queue> queue = driver().queue_of(stream);
  if (const cudaError_t error = refuse_to_wait(*queue)) return result(error);
  driver().finish(queue);
  return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize() {
  const Lock lock(driver().lock());
  if (const cudaError_t error = refuse_if_capturing(current_device())) return result(error);
  driver().finish_device(current_device());
  return cudaSuccess;
}

cudaError_t cudaStreamQuery(cudaStream_t stream) {
  const Lock lock(driver().lock());
  const std::shared_ptr<Queue> queue = driver().queue_of(stream);
  if (const cudaError_t error = refuse_to_wait(*queue)) return result(error);
  return poll({queue, queue->submitted});
}

cudaError_t cudaStreamGetFlags(cudaStream_t stream, unsigned* flags) {
  const Lock lock(driver().lock());
  *flags = driver().queue_of(stream)->blocking ? cudaStreamDefault : cudaStreamNonBlocking;
  return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  const Lock lock(driver().lock());
  if (!event) return result(cudaErrorInvalidResourceHandle);
  const std::shared_ptr<Queue> queue = driver().queue_of(stream);
  if (const cudaError_t error = refuse_work(*queue)) return result(error);
  if (event->capture || queue->capture) return result(wait_in_capture(*queue, *event));
  return result(driver().submit(queue, nullptr, {event->mark}));
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* user_data) {
  const Lock lock(driver().lock());
  return result(driver().submit(driver().queue_of(stream), [=] { function(user_data); }));
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) {
  *event = new CUevent_st;
  (*event)->timing = !(flags & cudaEventDisableTiming);
  return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return cudaEventCreateWithFlags(event, cudaEventDefault);
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  const Lock lock(driver().lock());
  if (!event) return result(cudaErrorInvalidResourceHandle);
  delete event;
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  const Lock lock(driver().lock());
  if (!event) return result(cudaErrorInvalidResourceHandle);
  const std::shared_ptr<Queue> queue = driver().queue_of(stream);
  if (const cudaError_t error = refuse_work(*queue)) return result(error);
  event->capture = queue->capture;
  event->captured = queue->capture_last;
  if (queue->capture) return cudaSuccess;
  auto at = std::make_shared<CUevent_st::Clock::time_point>();
  const cudaError_t error = driver().submit(queue, [at] { *at = CUevent_st::Clock::now(); });
  event->mark = {queue, queue->submitted};
  event->at = at;
  return result(error);
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  const Lock lock(driver().lock());
  if (!event) return result(cudaErrorInvalidResourceHandle);
  if (event->capture) return result(cudaErrorCapturedEvent);
  if (const cudaError_t error = refuse_while_capturing()) return result(error);
  return poll(event->mark);
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  const Lock lock(driver().lock());
  if (!event) return result(cudaErrorInvalidResourceHandle);
  if (event->capture) return result(cudaErrorCapturedEvent);
  driver().finish(event->mark);
  return cudaSuccess;
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  const Lock lock(driver().lock());
  if (!start || !end || !start->at || !end->at || !start->timing || !end->timing) {
    return result(cudaErrorInvalidResourceHandle);
  }
  if (!start->mark.reached() || !end->mark.reached()) return cudaErrorNotReady;
  *milliseconds = std::chrono::duration<float, std::milli>(*end->at - *start->at).count();
  return cudaSuccess;
}

}  // extern "C"
