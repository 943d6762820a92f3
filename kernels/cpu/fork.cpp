// The handlers that run around fork().
#include "../fork.h"

#include <omp.h>
#include <pthread.h>

#include <memory>
#include <vector>

namespace cuttle::kernels {
namespace {

struct Registry {
  std::mutex mutex;
  std::vector<std::mutex*> outer, inner;
};

void before_fork();
void after_fork_in_parent();
void after_fork_in_child();

/// Never destroyed: a thread may fork while the program ends.
Registry& registry() {
  static Registry& instance = [&]() -> Registry& {
    Registry& made = *std::make_unique<Registry>().release();
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
    return made;
  }();
  return instance;
}

void before_fork() {
  Registry& all = registry();
  all.mutex.lock();
  for (std::mutex* mutex : all.outer) mutex->lock();
  for (std::mutex* mutex : all.inner) mutex->lock();
}

void after_fork_in_parent() {
  Registry& all = registry();
  for (std::mutex* mutex : all.inner) mutex->unlock();
  for (std::mutex* mutex : all.outer) mutex->unlock();
  all.mutex.unlock();
}

void after_fork_in_child() {
  after_fork_in_parent();
  omp_set_num_threads(1);
}

}  // namespace

void hold_at_fork(std::mutex& mutex, LockLevel level) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  (level == LockLevel::outer ? all.outer : all.inner).push_back(&mutex);
}

}  // namespace cuttle::kernels
