#include "locks.h"

#include <array>
#include <cstdint>

#include "../../kernels/fork.h"

namespace cuttle {
namespace {

// Enough that threads seldom meet at different objects; fork() holds all of them.
constexpr int kBits = 4;

struct alignas(64) Padded {  // a cache line each
  std::mutex mutex;
};
using Pool = std::array<Padded, 1 << kBits>;

std::mutex& lock_of(Pool& pool, const void* owner) {
  constexpr uint64_t kGolden = 0x9e3779b97f4a7c15u;  // 2^64 / golden ratio: neighbours part
  return pool[reinterpret_cast<uintptr_t>(owner) * kGolden >> (64 - kBits)].mutex;
}

// There before main() and never destroyed, so that no thread makes them while another one forks.
constinit Pool pointer_locks, gradient_locks;

struct PoolsHeldAtFork {
  PoolsHeldAtFork() {
    for (Padded& lock : gradient_locks)
      kernels::hold_at_fork(lock.mutex, kernels::LockLevel::outer);
    for (Padded& lock : pointer_locks) kernels::hold_at_fork(lock.mutex, kernels::LockLevel::inner);
  }
} const pools_held_at_fork;

}  // namespace

std::mutex& pointer_lock(const void* owner) {
  return lock_of(pointer_locks, owner);
}

std::mutex& gradient_lock(const TensorImpl& leaf) {
  return lock_of(gradient_locks, &leaf);
}

}  // namespace cuttle
