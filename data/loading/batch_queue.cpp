#include "batch_queue.h"

#include <omp.h>

#include <system_error>

namespace cuttle {

BatchQueue::BatchQueue(size_t first, size_t last, size_t workers, size_t ahead, Make make)
    : last_(last), ahead_(ahead), make_(std::move(make)), wanted_(first), to_make_(first) {
  try {
    for (size_t i = 0; i < workers; ++i) threads_.emplace_back([this] { work(); });
  } catch (const std::system_error& error) {
    stop_.request_stop();
    const size_t started = threads_.size();
    threads_.clear();
    fail("DataLoader: cannot start worker ", started + 1, " of ", workers, ": ", error.what(),
         "; ask for fewer with num_workers");
  }
}

BatchQueue::~BatchQueue() {
  stop_.request_stop();  // of all, before the first is waited for
}

// Each worker is one thread: a team of its own would take the cores from the others.
void BatchQueue::work() {
  omp_set_num_threads(1);
  const std::stop_token stop = stop_.get_token();
  std::unique_lock lock(mutex_);
  while (room_.wait(lock, stop, [this] { return to_make_ == last_ || may_begin(); }) &&
         may_begin() && !stop.stop_requested()) {
    const size_t number = to_make_++;
    lock.unlock();
    Made made;
    try {
      made.batch = make_(number, stop);
    } catch (...) {
      made.error = std::current_exception();
    }
    lock.lock();
    if (stop.stop_requested()) return;
    if (number >= wanted_) made_.emplace(number, std::move(made));
    news_.notify_one();
  }
}

LoadedBatch BatchQueue::take() {
  std::unique_lock lock(mutex_);
  news_.wait(lock, [this] { return made_.contains(wanted_); });
  Made& made = made_.at(wanted_);
  if (made.error) std::rethrow_exception(made.error);
  return std::move(*made.batch);
}

void BatchQueue::advance() {
  const std::lock_guard lock(mutex_);
  made_.erase(wanted_++);
  room_.notify_all();
}

}  // namespace cuttle
