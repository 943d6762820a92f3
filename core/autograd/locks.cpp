#include "locks.h"

#include <array>
#include <cstdint>
#include <memory>

#include "../../kernels/fork.h"

namespace cuttle {
namespace {

class Locks {
 public:
  explicit Locks(kernels::LockLevel level) {
    for (Padded& lock : locks_) kernels::hold_at_fork(lock.mutex, level);
  }

  std::mutex& of(const void* owner) {
    constexpr uint64_t kGolden = 0x9e3779b97f4a7c15u;  // 2^64 / golden ratio: neighbours part
    return locks_[reinterpret_cast<uintptr_t>(owner) * kGolden >> (64 - kBits)].mutex;
  }

 private:
  // Enough that threads seldom meet at different objects; the thread sanitizer allows 64 locks to
  // be held at once, as fork() does.
  static constexpr int kBits = 4;
  struct alignas(64) Padded {  // a cache line each
    std::mutex mutex;
  };
  std::array<Padded, 1 << kBits> locks_;
};

}  // namespace

std::mutex& pointer_lock(const void* owner) {
  static Locks& locks = *std::make_unique<Locks>(kernels::LockLevel::inner).release();
  return locks.of(owner);
}

std::mutex& gradient_lock(const TensorImpl& leaf) {
  static Locks& locks = *std::make_unique<Locks>(kernels::LockLevel::outer).release();
  return locks.of(&leaf);
}

}  // namespace cuttle
