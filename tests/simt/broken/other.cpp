// Kernels that never end, use too much, or compute what C++ leaves undefined.
#undef NDEBUG  // release builds switch assert off; this one is to fail
#include <cassert>

#include "broken.h"

namespace broken {
namespace {

__global__ void endless_loop_kernel(volatile int* out) {
  while (out[0] == 0) {
  }
}

__global__ void endless_barriers_kernel(volatile int* out) {
  while (out[0] == 0) __syncthreads();
}

// A block waits for a later one, which need not have started, and here never has.
__global__ void spin_on_later_block_kernel(int* ready) {
  if (blockIdx.x == gridDim.x - 1) {
    atomicExch(ready, 1);
  } else {
    while (atomicAdd(ready, 0) != 1) {
    }
  }
}

__global__ void large_frame_kernel(int* out, int n) {
  volatile int numbers[100000];
  for (int i = 0; i < n; ++i) numbers[i] = i;
  out[0] = numbers[n / 2];
}

__global__ void too_much_shared_kernel(int* out) {
  CUTTLE_SHARED(int, first, [8000]);
  CUTTLE_SHARED(int, second, [8000]);
  first[threadIdx.x] = second[threadIdx.x] = 1;
  out[threadIdx.x] = first[threadIdx.x];
}

__global__ void static_and_dynamic_kernel(int* out) {
  CUTTLE_SHARED(int, first, [8000]);
  CUTTLE_DYNAMIC_SHARED(int, second);
  first[threadIdx.x] = second[threadIdx.x] = 1;
  out[threadIdx.x] = first[threadIdx.x];
}

__global__ void trap_kernel(const int* in) {
  if (in[threadIdx.x] == 77) __trap();
}

__global__ void assert_kernel(const int* in) {
  assert(in[threadIdx.x] < 77);
}

__global__ void overflow_kernel(int* out, int n) {
  out[threadIdx.x] = n * n;
}

__global__ void shift_kernel(int* out, int n) {
  out[threadIdx.x] = 1 << n;
}

__global__ void division_kernel(int* out, int n) {
  out[threadIdx.x] = 100 / n;
}

template <class... Arguments>
void run(void (*kernel)(Arguments...), int threads, std::type_identity_t<Arguments>... arguments) {
  require(launch(kernel, 1, threads, 0, nullptr, arguments...));
}

}  // namespace

std::vector<Case> other_cases() {
  return {{"endless_loop", [] { run(endless_loop_kernel, 1, Ints(1).data()); }},
          {"endless_barriers", [] { run(endless_barriers_kernel, kThreads, Ints(1).data()); }},
          {"spin_on_later_block",
           [] { launch(spin_on_later_block_kernel, 2, 1, 0, nullptr, Ints(1).data()); }},
          {"large_frame", [] { run(large_frame_kernel, 1, Ints(1).data(), 100000); }},
          {"too_much_shared", [] { run(too_much_shared_kernel, 32, Ints(32).data()); }},
          {"static_and_dynamic_shared",
           [] { launch(static_and_dynamic_kernel, 1, 32, 32000, nullptr, Ints(32).data()); }},
          {"trap", [] { run(trap_kernel, kThreads, Ints(kThreads).data()); }},
          {"assert", [] { run(assert_kernel, kThreads, Ints(kThreads).data()); }},
          {"integer_overflow", [] { run(overflow_kernel, 1, Ints(1).data(), 50000); }},
          {"shift_too_far", [] { run(shift_kernel, 1, Ints(1).data(), 40); }},
          {"division_by_zero", [] { run(division_kernel, 1, Ints(1).data(), 0); }}};
}

}  // namespace broken
