// Barriers that not all threads reach, and shared memory used without one.
#include "broken.h"

namespace broken {
namespace {

__global__ void divergent_barrier_kernel(int* out) {
  if (threadIdx.x < 64) {
    out[threadIdx.x] = 1;
    __syncthreads();
  } else {
    out[threadIdx.x] = 2;
    __syncthreads();
  }
}

// Half of each warp waits for the block, the other half for its warp: neither ever comes.
__global__ void barrier_in_branch_kernel(int* out) {
  if (threadIdx.x % 32 < 16) {
    __syncthreads();
  } else {
    __syncwarp();
  }
  out[threadIdx.x] = 1;
}

// Reads the neighbour's element right after writing the own one; in the natural order of threads
// one of the two directions comes out right.
__global__ void missing_sync_right_kernel(const int* in, int* out) {
  CUTTLE_SHARED(int, tile, [kThreads]);
  const int i = static_cast<int>(threadIdx.x);
  tile[i] = in[i];
  out[i] = tile[(i + 1) % kThreads];
}

__global__ void missing_sync_left_kernel(const int* in, int* out) {
  CUTTLE_SHARED(int, tile, [kThreads]);
  const int i = static_cast<int>(threadIdx.x);
  tile[i] = in[i];
  if (i > 0) out[i] = tile[i - 1];
}

__global__ void missing_sync_dynamic_kernel(const int* in, int* out) {
  CUTTLE_DYNAMIC_SHARED(int, tile);
  const int i = static_cast<int>(threadIdx.x);
  tile[i] = in[i];
  out[i] = tile[kThreads - 1 - i];
}

// The tile is overwritten for the next round while slow threads still read it.
__global__ void missing_second_sync_kernel(const int* in, int* out) {
  CUTTLE_SHARED(int, tile, [kThreads]);
  const int i = static_cast<int>(threadIdx.x);
  int sum = 0;
  for (int round = 0; round < 4; ++round) {
    tile[i] = in[i] + round;
    __syncthreads();
    sum += tile[(i + 1) % kThreads];
  }
  out[i] = sum;
}

__global__ void missing_syncwarp_kernel(const int* in, int* out) {
  CUTTLE_SHARED(int, tile, [32]);
  const int i = static_cast<int>(threadIdx.x);
  tile[i] = in[i];
  out[i] = tile[i ^ 16];
}

// Launched to overlap the kernel before it, for which some threads of the first one do not wait,
// and those of the second one too late.
__global__ void missing_wait_kernel(int count, const int* in, int* out) {
  const int i = static_cast<int>(threadIdx.x);
  if (i >= count) return;
  cudaGridDependencySynchronize();
  out[i] = in[i];
}
__global__ void late_wait_kernel(const int* in, int* out) {
  const int value = in[threadIdx.x];
  cudaGridDependencySynchronize();
  out[threadIdx.x] = value;
}

void check_neighbours(void (*kernel)(const int*, int*), size_t shared, int threads,
                      int (*expected)(int)) {
  Ints in(threads), out(threads);
  require(launch(kernel, 1, threads, shared, nullptr, in.data(), out.data()));
  const std::vector<int>& got = out.host();
  for (int i = 0; i < threads; ++i) require(got[i] == expected(i), "wrong result");
}

void run_divergent_barrier() {
  Ints out(kThreads);
  launch(divergent_barrier_kernel, 1, kThreads, 0, nullptr, out.data());
}

void run_barrier_in_branch() {
  Ints out(kThreads);
  launch(barrier_in_branch_kernel, 1, kThreads, 0, nullptr, out.data());
}

void run_missing_sync_right() {
  check_neighbours(missing_sync_right_kernel, 0, kThreads,
                   [](int i) { return (i + 1) % kThreads; });
}

void run_missing_sync_left() {
  check_neighbours(missing_sync_left_kernel, 0, kThreads, [](int i) { return i ? i - 1 : 0; });
}

void run_missing_sync_dynamic() {
  check_neighbours(missing_sync_dynamic_kernel, kThreads * sizeof(int), kThreads,
                   [](int i) { return kThreads - 1 - i; });
}

void run_missing_second_sync() {
  check_neighbours(missing_second_sync_kernel, 0, kThreads,
                   [](int i) { return 4 * ((i + 1) % kThreads) + 6; });
}

void run_missing_wait() {
  Ints in(kThreads), out(kThreads);
  require(launch_overlapping(missing_wait_kernel, 1, kThreads, 0, nullptr, kThreads - 1, in.data(),
                             out.data()));
}

void run_late_wait() {
  Ints in(kThreads), out(kThreads);
  require(launch_overlapping(late_wait_kernel, 1, kThreads, 0, nullptr, in.data(), out.data()));
}

void run_missing_syncwarp() {
  check_neighbours(missing_syncwarp_kernel, 0, 32, [](int i) { return i ^ 16; });
}

}  // namespace

std::vector<Case> barrier_cases() {
  return {{"divergent_barrier", run_divergent_barrier},
          {"barrier_in_branch", run_barrier_in_branch},
          {"missing_sync_right", run_missing_sync_right},
          {"missing_sync_left", run_missing_sync_left},
          {"missing_sync_dynamic", run_missing_sync_dynamic},
          {"missing_second_sync", run_missing_second_sync},
          {"missing_syncwarp", run_missing_syncwarp},
          {"missing_wait", run_missing_wait},
          {"late_wait", run_late_wait}};
}

}  // namespace broken
