// Warp operations with wrong masks, missing lanes, or lanes that do different things.
#include "broken.h"

namespace broken {
namespace {

// Half of the warp shuffles in the name of all; the other half waits at the barrier.
__global__ void shuffle_in_branch_kernel(int* out) {
  int value = static_cast<int>(threadIdx.x);
  if (threadIdx.x % 32 < 16) value += __shfl_xor_sync(~0u, value, 1);
  __syncthreads();
  out[threadIdx.x] = value;
}

__global__ void caller_not_in_mask_kernel(int* out) {
  out[threadIdx.x] = __shfl_sync(0x0000ffffu, static_cast<int>(threadIdx.x), 0);
}

// Lanes 8 to 15 ask for a lane that is not in the mask.
__global__ void shuffle_from_inactive_lane_kernel(int* out) {
  if (threadIdx.x < 16) {
    out[threadIdx.x] = __shfl_down_sync(0x0000ffffu, static_cast<int>(threadIdx.x), 8);
  }
}

// The warp has 20 lanes; lane 4 asks for lane 20.
__global__ void shuffle_beyond_block_kernel(int* out) {
  out[threadIdx.x] = __shfl_down_sync(~0u, static_cast<int>(threadIdx.x), 16);
}

// The lower half has returned when the upper half asks it.
__global__ void shuffle_from_exited_lane_kernel(int* out) {
  if (threadIdx.x < 16) return;
  out[threadIdx.x] = __shfl_xor_sync(~0u, static_cast<int>(threadIdx.x), 16);
}

__global__ void different_operations_kernel(int* out) {
  if (threadIdx.x < 16) {
    out[threadIdx.x] = __shfl_sync(~0u, 1, 0);
  } else {
    out[threadIdx.x] = static_cast<int>(__ballot_sync(~0u, 1));
  }
}

__global__ void masks_disagree_kernel(int* out) {
  const unsigned mask = threadIdx.x < 16 ? 0xffffffffu : 0xffff0000u;
  out[threadIdx.x] = __any_sync(mask, 1);
  __syncwarp();
  out[threadIdx.x] += __any_sync(mask, 1);
}

// Twelve lanes are no segment that a shuffle knows.
__global__ void shuffle_width_kernel(int* out) {
  out[threadIdx.x] = __shfl_down_sync(~0u, static_cast<int>(threadIdx.x), 1, 12);
}

template <int kCount>
void run_one_warp(void (*kernel)(int*)) {
  Ints out(kCount);
  launch(kernel, 1, kCount, 0, nullptr, out.data());
}

}  // namespace

std::vector<Case> warp_cases() {
  return {
      {"shuffle_in_branch", [] { run_one_warp<kThreads>(shuffle_in_branch_kernel); }},
      {"caller_not_in_mask", [] { run_one_warp<32>(caller_not_in_mask_kernel); }},
      {"shuffle_from_inactive_lane", [] { run_one_warp<32>(shuffle_from_inactive_lane_kernel); }},
      {"shuffle_beyond_block", [] { run_one_warp<20>(shuffle_beyond_block_kernel); }},
      {"shuffle_from_exited_lane", [] { run_one_warp<32>(shuffle_from_exited_lane_kernel); }},
      {"shuffle_width", [] { run_one_warp<32>(shuffle_width_kernel); }},
      {"different_operations", [] { run_one_warp<32>(different_operations_kernel); }},
      {"masks_disagree", [] { run_one_warp<32>(masks_disagree_kernel); }}};
}

}  // namespace broken
