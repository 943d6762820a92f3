// Two threads, of one block or of two, that touch the same global memory with nothing between them.
#include "broken.h"

namespace broken {
namespace {

__global__ void race_in_block_kernel(int* out) {
  out[threadIdx.x % 4] += 1;
}

// Every block writes element 0.
__global__ void race_between_blocks_kernel(int* out) {
  if (threadIdx.x == 0) out[0] = static_cast<int>(blockIdx.x);
}

// Two blocks far apart write one element, and no others.
__global__ void race_between_two_blocks_kernel(int* out, unsigned other) {
  if (threadIdx.x == 0 && (blockIdx.x == 0 || blockIdx.x == other)) out[0] += 1;
}

// Each block reads the first element of the next block's part, which that block overwrites.
__global__ void race_at_block_edge_kernel(int* data, int n) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  const int next = i + 1 < n ? data[i + 1] : 0;
  __syncthreads();
  data[i] = next;
}

// One block adds atomically, the others read plainly.
__global__ void plain_read_of_atomic_kernel(int* counter, int* out) {
  if (threadIdx.x != 0) return;
  if (blockIdx.x == 0) {
    atomicAdd(counter, 1);
  } else {
    out[blockIdx.x] = *counter;
  }
}

// Partial sums of all blocks, added up by the last one; without the fence they may not be there
// yet.
__global__ void missing_fence_kernel(int* partial, unsigned* done, int* total) {
  if (threadIdx.x != 0) return;
  partial[blockIdx.x] = static_cast<int>(blockIdx.x);
  if (atomicInc(done, gridDim.x - 1) != gridDim.x - 1) return;
  int sum = 0;
  for (unsigned block = 0; block < gridDim.x; ++block) sum += partial[block];
  *total = sum;
}

// One thread sets a flag, the others look at it, without a barrier.
__global__ void race_on_shared_flag_kernel(const int* in, int* out) {
  CUTTLE_SHARED(int, found);
  if (threadIdx.x == 0) found = 0;
  __syncthreads();
  if (in[threadIdx.x] == 5) found = 1;
  out[threadIdx.x] = found;
}

void run_race_in_block() {
  Ints out(4);
  launch(race_in_block_kernel, 1, kThreads, 0, nullptr, out.data());
}

void run_race_between_blocks() {
  Ints out(4);
  launch(race_between_blocks_kernel, kBlocks, kThreads, 0, nullptr, out.data());
}

void run_race_between_two_blocks() {
  Ints out(1);
  launch(race_between_two_blocks_kernel, 17, kThreads, 0, nullptr, out.data(), 16);
}

void run_race_at_block_edge() {
  Ints data(kBlocks * kThreads);
  launch(race_at_block_edge_kernel, kBlocks, kThreads, 0, nullptr, data.data(), kBlocks * kThreads);
}

void run_plain_read_of_atomic() {
  Ints counter(1), out(kBlocks);
  launch(plain_read_of_atomic_kernel, kBlocks, kThreads, 0, nullptr, counter.data(), out.data());
}

void run_missing_fence() {
  Ints partial(kBlocks), done(1), total(1);
  launch(missing_fence_kernel, kBlocks, kThreads, 0, nullptr, partial.data(),
         reinterpret_cast<unsigned*>(done.data()), total.data());
}

void run_race_on_shared_flag() {
  Ints in(kThreads), out(kThreads);
  launch(race_on_shared_flag_kernel, 1, kThreads, 0, nullptr, in.data(), out.data());
}

}  // namespace

std::vector<Case> race_cases() {
  return {{"race_in_block", run_race_in_block},
          {"race_between_blocks", run_race_between_blocks},
          {"race_between_two_blocks", run_race_between_two_blocks},
          {"race_at_block_edge", run_race_at_block_edge},
          {"plain_read_of_atomic", run_plain_read_of_atomic},
          {"missing_fence", run_missing_fence},
          {"race_on_shared_flag", run_race_on_shared_flag}};
}

}  // namespace broken
