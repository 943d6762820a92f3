// Your kernel. Change it, then: playground/run
//
// The example reverses an array within blocks of 64 numbers: each thread carries one number into
// the block's shared memory and takes another one out. The same file runs on a CPU, checked, and on
// a GPU.
#include "playground.h"

constexpr int kThreads = 64;

// in, out (n); one thread an element, n a multiple of 64.
__global__ void reverse_kernel(const int* in, int* out) {
  CUTTLE_SHARED(int, tile, [kThreads]);
  const int mine = threadIdx.x;
  const int first = blockIdx.x * kThreads;

  tile[mine] = in[first + mine];
  __syncthreads();  // without it a thread may read what its partner has not written yet
  out[first + mine] = tile[kThreads - 1 - mine];
}

int main() {
  const int n = 256;
  std::vector<int> numbers(n);
  for (int i = 0; i < n; ++i) numbers[i] = 10 * i;

  const DeviceArray<int> in(numbers), out(n);
  launch(reverse_kernel, /*grid=*/n / kThreads, /*block=*/kThreads, /*shared bytes=*/0, in.data(),
         out.data());

  const std::vector<int> result = out.host();
  for (int i = 0; i < n; ++i) {
    const int partner = i / kThreads * kThreads + kThreads - 1 - i % kThreads;
    check(result[i] == 10 * partner, "out[", i, "] is ", result[i], ", expected ", 10 * partner);
  }
  std::cout << "correct\n";
}
