// The order of work: within a stream, between a stream and the default stream, and along events.
// With eager streams (the default) every operation runs as soon as it is submitted. Deferred, it
// waits until something needs it, and what nothing orders comes in random order: a missing event
// shows.
#include "driver.h"

#include <algorithm>
#include <map>

#include "../findings/report.h"
#include "../options.h"
#include "device_memory.h"

namespace cuttle::simt {

Driver& Driver::instance() {
  // Never destroyed: a global object of the program may free memory when everything else is gone.
  static Driver& driver = *new Driver;
  return driver;
}

Driver::Driver() : random_bits_(options().seed.value_or(0)) {
  for (int device = 0; device < options().devices; ++device) {
    default_queues_.push_back(make_queue(device, true));
  }
}

std::shared_ptr<Queue> Driver::queue_of(cudaStream_t stream) {
  if (!stream || stream == cudaStreamLegacy) {
    return default_queues_[static_cast<size_t>(current_device())];
  }
  return stream == cudaStreamPerThread ? queue_of_thread() : stream->queue;
}

// cudaStreamPerThread: one more blocking stream for each host thread and device.
std::shared_ptr<Queue> Driver::queue_of_thread() {
  static thread_local std::map<int, std::shared_ptr<Queue>> queues;
  std::shared_ptr<Queue>& queue = queues[current_device()];
  if (!queue) queue = make_queue(current_device(), true);
  return queue;
}

std::shared_ptr<Queue> Driver::make_queue(int device, bool blocking) {
  auto queue = std::make_shared<Queue>();
  queue->device = device;
  queue->blocking = blocking;
  queues_.push_back(queue);
  return queue;
}

void Driver::drop_queue(const std::shared_ptr<Queue>& queue) {
  std::erase(queues_, queue);
}

bool Driver::is_default(const Queue& queue) const {
  return default_queues_[static_cast<size_t>(queue.device)].get() == &queue;
}

// The default stream waits for all blocking streams of its device, and they for it.
void Driver::order_with_default_stream(const std::shared_ptr<Queue>& queue,
                                       Queue::Operation& operation) {
  const std::shared_ptr<Queue>& main = default_queues_[static_cast<size_t>(queue->device)];
  if (!queue->blocking) return;
  if (queue != main) {
    if (!main->idle()) operation.after.push_back({main, main->submitted});
    return;
  }
  for (const std::shared_ptr<Queue>& other : queues_) {
    if (other != main && other->device == queue->device && other->blocking && !other->idle()) {
      operation.after.push_back({other, other->submitted});
    }
  }
}

cudaError_t Driver::submit(const std::shared_ptr<Queue>& queue, std::function<void()> work,
                           std::vector<Queue::Mark> after) {
  if (const cudaError_t error = refuse_work(*queue)) return error;
  if (queue->capture) {
    queue->capture_last = {queue->capture->add(std::move(work), queue->capture_last)};
    return cudaSuccess;
  }
  Queue::Operation operation{std::move(work), std::move(after)};
  order_with_default_stream(queue, operation);
  queue->waiting.push_back(std::move(operation));
  ++queue->submitted;
  if (!options().deferred_streams) finish(queue);
  return cudaSuccess;
}

bool Driver::is_runnable(const Queue& queue) const {
  if (queue.waiting.empty()) return false;
  const std::vector<Queue::Mark>& after = queue.waiting.front().after;
  return std::all_of(after.begin(), after.end(), [](const auto& mark) { return mark.reached(); });
}

void Driver::run_first(Queue& queue) {
  Queue::Operation operation = std::move(queue.waiting.front());
  queue.waiting.pop_front();
  // Done even if it throws, as a host function may.
  struct Completion {
    Queue& queue;
    ~Completion() { ++queue.completed; }
  } const completion{queue};
  if (operation.work) {
    const DeviceAccess access;
    operation.work();
  }
}

bool Driver::run_one() {
  std::vector<Queue*> runnable;
  for (const std::shared_ptr<Queue>& queue : queues_) {
    if (is_runnable(*queue)) runnable.push_back(queue.get());
  }
  if (runnable.empty()) return false;
  run_first(*runnable[random_bits_() % runnable.size()]);
  return true;
}

void Driver::finish(const Queue::Mark& mark) {
  while (!mark.reached()) {
    if (!run_one()) report("streams wait for each other, or for an event that no stream records");
  }
}

void Driver::finish_device(int device) {
  for (size_t i = 0; i < queues_.size(); ++i) {
    if (queues_[i]->device == device) finish(queues_[i]);
  }
}

}  // namespace cuttle::simt
