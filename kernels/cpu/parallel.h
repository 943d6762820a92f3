// How CPU kernels spread work over OpenMP threads, and the scratch memory they keep between calls.
// For kernels/cpu alone.
#pragma once

#include <omp.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>

#include "../error.h"

namespace cuttle::kernels::cpu {

/// Elements below which one thread is faster than waking the others.
inline constexpr int64_t kGrain = 32768;

/// Number of units of `unit_size` elements that make a grain, at least 1.
constexpr int64_t grain_units(int64_t unit_size) {
  return std::max<int64_t>(1, kGrain / std::max<int64_t>(1, unit_size));
}

/// Calls body(begin, end) for disjoint ranges that cover [0, n), on several threads where n is
/// larger than `grain`. Results must not depend on the split. The whole team takes part or none of
/// it does: a team of another size would make the OpenMP runtime start and end threads. The first
/// exception of a body is thrown again on the calling thread.
template <class Body>
void parallel_for(int64_t n, int64_t grain, const Body& body) {
  if (n <= 0) return;
  if (n <= grain || omp_get_max_threads() == 1 || omp_in_parallel()) {
    body(int64_t{0}, n);
    return;
  }
  std::exception_ptr error;
#pragma omp parallel
  {
    const int64_t threads = omp_get_num_threads();
    const int64_t chunk = std::max(grain, (n + threads - 1) / threads);
    const int64_t begin = chunk * omp_get_thread_num();
    try {
      if (begin < n) body(begin, std::min(n, begin + chunk));
    } catch (...) {
#pragma omp critical(cuttle_parallel_for)
      if (!error) error = std::current_exception();
    }
  }
  if (error) std::rethrow_exception(error);
}

/// Memory that grows and is kept, so that a training step stops allocating after its first round.
/// One object serves one purpose on one thread: declare it thread_local.
class Scratch {
 public:
  /// At least `bytes` bytes, aligned to a cache line (64); contents undefined.
  void* bytes(size_t bytes) {
    if (bytes > capacity_) {
      memory_.reset();
      capacity_ = 0;
      const size_t rounded = (bytes + 63) / 64 * 64;
      memory_.reset(std::aligned_alloc(64, rounded));
      if (!memory_)
        throw OutOfMemoryError("the CPU kernels' scratch memory could not grow to " +
                               std::to_string(rounded) + " bytes");
      capacity_ = rounded;
    }
    return memory_.get();
  }

  template <class T>
  T* get(int64_t count) {
    return static_cast<T*>(bytes(static_cast<size_t>(count) * sizeof(T)));
  }

 private:
  struct Free {
    void operator()(void* memory) const noexcept { std::free(memory); }
  };
  std::unique_ptr<void, Free> memory_;
  size_t capacity_ = 0;
};

}  // namespace cuttle::kernels::cpu
