// The host side of the interpreter, what a GPU's driver is: streams with their queues, events,
// device memory. One lock guards it all, and is held while kernels run: one after the other, on the
// host thread that made the call (or, with deferred streams, that waits).
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <vector>

#include "../language/runtime_headers.h"
#include "graph.h"

namespace cuttle::simt {

/// Notes an error as the thread's last one, and returns it.
cudaError_t result(cudaError_t error);

/// The work of one stream, in order. Its operations are numbered from 1.
struct Queue {
  struct Mark {  // "up to this operation of that queue"
    std::shared_ptr<Queue> queue;
    uint64_t operation = 0;
    bool reached() const { return !queue || queue->completed >= operation; }
  };
  struct Operation {
    std::function<void()> work;  // may be empty
    std::vector<Mark> after;     // what must be done before
  };

  int device = 0;
  bool blocking = true;  // waits for the default stream, and it for this one
  std::deque<Operation> waiting;
  uint64_t submitted = 0, completed = 0;
  std::shared_ptr<Capture> capture;  // while the stream is captured into a graph
  std::vector<size_t> capture_last;  // nodes that the next one must wait for

  bool idle() const { return completed == submitted; }
};

/// Everything the driver knows.
class Driver {
 public:
  static Driver& instance();
  std::recursive_mutex& lock() { return lock_; }

  std::shared_ptr<Queue> queue_of(cudaStream_t stream);
  std::shared_ptr<Queue> make_queue(int device, bool blocking);
  void drop_queue(const std::shared_ptr<Queue>& queue);
  const std::vector<std::shared_ptr<Queue>>& queues() const { return queues_; }
  bool is_default(const Queue& queue) const;

  /// Adds work, to be done after these marks, to the queue or to the graph it is captured into. It
  /// runs at once, unless streams are deferred. Refused where refuse_work says so.
  [[nodiscard]] cudaError_t submit(const std::shared_ptr<Queue>& queue, std::function<void()> work,
                                   std::vector<Queue::Mark> after = {});
  /// Runs queued work, streams interleaved at random, until the mark is reached.
  void finish(const Queue::Mark& mark);
  void finish(const std::shared_ptr<Queue>& queue) { finish({queue, queue->submitted}); }
  void finish_device(int device);
  /// Runs one operation that can run, if there is any: a program that polls makes progress.
  bool run_one();

 private:
  Driver();
  std::shared_ptr<Queue> queue_of_thread();
  bool is_runnable(const Queue& queue) const;
  void run_first(Queue& queue);
  void order_with_default_stream(const std::shared_ptr<Queue>& queue, Queue::Operation& operation);

  std::recursive_mutex lock_;
  std::vector<std::shared_ptr<Queue>> default_queues_;  // by device
  std::vector<std::shared_ptr<Queue>> queues_;          // all of them
  std::mt19937_64 random_bits_;
};

/// Memory that cudaFree gives back no longer counts for the pool it came from.
void leave_pool(const void* memory);

bool is_device(int device);
/// The device that this host thread has chosen.
int current_device();

}  // namespace cuttle::simt

struct CUstream_st {
  std::shared_ptr<cuttle::simt::Queue> queue;
};
