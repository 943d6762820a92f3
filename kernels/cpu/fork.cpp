// The handlers that run around fork().
#include "../fork.h"

#include <omp.h>
#include <pthread.h>

#include <array>
#include <cstddef>

#include "../error.h"

namespace cuttle::kernels {
namespace {

struct List {
  std::array<std::mutex*, 64> mutexes{};  // as many as the thread sanitizer lets one thread hold
  size_t size = 0;

  void add(std::mutex& mutex) {
    if (size == mutexes.size()) fail("fork: more than ", mutexes.size(), " locks to be held");
    mutexes[size++] = &mutex;
  }
  void lock() {
    for (size_t i = 0; i < size; ++i) mutexes[i]->lock();
  }
  void unlock() {
    for (size_t i = 0; i < size; ++i) mutexes[i]->unlock();
  }
};

struct Registry {
  std::mutex mutex;
  List outer, inner;
  bool has_handlers = false;
};

/// There before any constructor runs, and never destroyed: a thread may fork while the program
/// ends.
constinit Registry registry;

void before_fork() {
  registry.mutex.lock();
  registry.outer.lock();
  registry.inner.lock();
}

void after_fork_in_parent() {
  registry.inner.unlock();
  registry.outer.unlock();
  registry.mutex.unlock();
}

void after_fork_in_child() {
  after_fork_in_parent();
  omp_set_num_threads(1);
}

}  // namespace

void hold_at_fork(std::mutex& mutex, LockLevel level) {
  const std::lock_guard lock(registry.mutex);
  (level == LockLevel::outer ? registry.outer : registry.inner).add(mutex);
  if (registry.has_handlers) return;
  registry.has_handlers = true;
  pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

}  // namespace cuttle::kernels
