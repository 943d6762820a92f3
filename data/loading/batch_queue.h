// The DataLoader's worker threads: they make the batches of an epoch ahead of who takes them.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "../../core/cuda_stream.h"
#include "../dataset.h"

namespace cuttle {

/// A batch on its way to who takes it.
struct LoadedBatch {
  Batch batch;
  std::optional<cuda::Event> copied;  // behind its copy to a GPU, if there was one
};

/// Makes batches first … last − 1 on `workers` threads and hands them out in their order, whoever
/// made them. At most `ahead` are made or being made that were not asked for. One thread takes.
class BatchQueue {
 public:
  /// Makes the batch of that number; called from several threads at once. May give up, with
  /// nothing, once a stop is asked for.
  using Make = std::function<std::optional<LoadedBatch>(size_t number, const std::stop_token&)>;

  /// Throws Error where the system has no more threads.
  BatchQueue(size_t first, size_t last, size_t workers, size_t ahead, Make make);
  /// Lets workers end the example that they are at, and waits for that.
  ~BatchQueue();

  /// Waits for the next batch. Throws what its making threw, and again if called again.
  LoadedBatch take();
  /// Goes on to the next batch, whether this one was taken or not.
  void advance();

 private:
  struct Made {
    std::optional<LoadedBatch> batch;
    std::exception_ptr error;
  };

  void work();
  bool may_begin() const { return to_make_ < last_ && to_make_ < wanted_ + ahead_; }

  const size_t last_, ahead_;
  const Make make_;
  std::mutex mutex_;  // of the four members below
  size_t wanted_;     // the number of the batch that take() gives
  size_t to_make_;    // no worker has begun this one
  std::map<size_t, Made> made_;
  std::condition_variable_any room_, news_;  // for workers, for take()
  std::stop_source stop_;
  std::vector<std::jthread> threads_;
};

}  // namespace cuttle
