// Blocks: coordinates, barriers, static and dynamic shared memory, blocks on several OS threads.
#include <cuttle/kernels/simt/options.h>

#include "support.h"

namespace simt_test {
namespace {

__global__ void coordinates_kernel(int* out) {  // out (blocks, threads), 3-dimensional both
  const unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
  const unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  const unsigned threads = blockDim.x * blockDim.y * blockDim.z;
  out[block * threads + thread] = static_cast<int>(block * threads + thread);
}

TEST(SimtBlock, EveryThreadOfEveryBlockRunsOnce) {
  for (const dim3 block : {dim3(1), dim3(31), dim3(33, 2), dim3(8, 4, 32), dim3(1024)}) {
    const dim3 grid(3, 2, 4);
    const size_t count = size_t{24} * block.x * block.y * block.z;
    const DeviceArray<int> out(std::vector<int>(count, -1));
    EXPECT_CUDA(launch(coordinates_kernel, grid, block, 0, nullptr, out.data()));
    EXPECT_EQ(out.host(), counting<int>(count));
  }
}

template <int kThreads>
__global__ void reverse_kernel(const int* in, int* out) {
  CUTTLE_SHARED(int, tile, [kThreads]);
  const int i = static_cast<int>(threadIdx.x);
  for (int round = 0; round < 3; ++round) {  // reuses the tile: two barriers a round
    tile[i] = in[blockIdx.x * kThreads + i];
    __syncthreads();
    out[blockIdx.x * kThreads + i] = tile[kThreads - 1 - i];
    __syncthreads();
  }
}

template <int kThreads>
void check_reverse() {
  const int blocks = 5;
  const DeviceArray<int> in(counting<int>(blocks * kThreads)), out(size_t{blocks} * kThreads);
  EXPECT_CUDA(
      launch(reverse_kernel<kThreads>, blocks, kThreads, 0, nullptr, in.data(), out.data()));
  const std::vector<int> got = out.host();
  for (int i = 0; i < blocks * kThreads; ++i) {
    EXPECT_EQ(got[i], i / kThreads * kThreads + kThreads - 1 - i % kThreads);
  }
}

TEST(SimtBlock, BarriersOrderSharedMemory) {
  check_reverse<1>();
  check_reverse<31>();
  check_reverse<33>();
  check_reverse<256>();
  check_reverse<1024>();
}

TEST(SimtBlock, BarriersOrderSharedMemoryInRandomOrder) {
  cuttle::simt::Options& options = cuttle::simt::options();
  const auto before = options;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    options.seed = seed;
    options.os_threads = 1;
    check_reverse<33>();
    check_reverse<256>();
  }
  options = before;
}

TEST(SimtBlock, LargeGridOnSeveralOsThreads) {
  cuttle::simt::Options& options = cuttle::simt::options();
  const auto before = options;
  options.os_threads = 3;
  const int blocks = 200;
  const DeviceArray<int> in(counting<int>(blocks * 128)), out(size_t{blocks} * 128);
  EXPECT_CUDA(launch(reverse_kernel<128>, blocks, 128, 0, nullptr, in.data(), out.data()));
  options = before;
  const std::vector<int> got = out.host();
  for (int i = 0; i < blocks * 128; ++i) ASSERT_EQ(got[i], i / 128 * 128 + 127 - i % 128);
}

__global__ void votes_kernel(int* out) {  // out (4)
  const int i = static_cast<int>(threadIdx.x);
  const int count = __syncthreads_count(i % 3 == 0);
  const int all = __syncthreads_and(i < 100), any = __syncthreads_or(i == 7);
  const int none = __syncthreads_or(i > 5000);
  if (i == 0) {
    out[0] = count;
    out[1] = all;
    out[2] = any;
    out[3] = none;
  }
}

TEST(SimtBlock, VotingBarriers) {
  const DeviceArray<int> out(4);
  EXPECT_CUDA(launch(votes_kernel, 1, 100, 0, nullptr, out.data()));
  EXPECT_EQ(out.host(), (std::vector<int>{34, 1, 1, 0}));
}

__global__ void early_exit_kernel(int* out) {
  if (threadIdx.x >= 40) return;  // a barrier waits only for threads that still run
  __syncthreads();
  out[threadIdx.x] = __syncthreads_count(1);
}

TEST(SimtBlock, BarrierWithoutThreadsThatReturned) {
  const DeviceArray<int> out(40);
  EXPECT_CUDA(launch(early_exit_kernel, 1, 100, 0, nullptr, out.data()));
  EXPECT_EQ(out.host(), std::vector<int>(40, 40));
}

__global__ void dynamic_kernel(const float* in, float* out, int n) {
  CUTTLE_DYNAMIC_SHARED(float, row);
  for (int i = static_cast<int>(threadIdx.x); i < n; i += static_cast<int>(blockDim.x)) {
    row[i] = in[i];
  }
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.x); i < n; i += static_cast<int>(blockDim.x)) {
    out[i] = row[n - 1 - i];
  }
}

TEST(SimtBlock, DynamicSharedMemory) {
  for (const int n : {1, 31, 33, 1025}) {
    const DeviceArray<float> in(counting<float>(static_cast<size_t>(n)));
    const DeviceArray<float> out(static_cast<size_t>(n));
    EXPECT_CUDA(
        launch(dynamic_kernel, 1, 64, n * sizeof(float), nullptr, in.data(), out.data(), n));
    const std::vector<float> got = out.host();
    for (int i = 0; i < n; ++i) EXPECT_EQ(got[i], static_cast<float>(n - 1 - i));
  }
}

__global__ void fresh_shared_kernel(float* static_part, float* dynamic_part, int* scalar) {
  CUTTLE_SHARED(float, tile, [4][8]);
  CUTTLE_SHARED(int, flag);
  CUTTLE_DYNAMIC_SHARED(float, row);
  const unsigned i = threadIdx.x;
  static_part[blockIdx.x * 32 + i] = tile[i / 8][i % 8];
  dynamic_part[blockIdx.x * 32 + i] = row[i];
  if (i == 0) scalar[blockIdx.x] = flag;
  __syncthreads();
  tile[i / 8][i % 8] = row[i] = 1.0f;
  if (i == 0) flag = 7;
}

TEST(SimtBlock, SharedMemoryOfEachBlockStartsAsNaN) {
  if (SIMT_TEST_TRACED) GTEST_SKIP() << "a traced build stops at this very read";
  const DeviceArray<float> static_part(64), dynamic_part(64);
  const DeviceArray<int> scalar(2);
  EXPECT_CUDA(launch(fresh_shared_kernel, 2, 32, 32 * sizeof(float), nullptr, static_part.data(),
                     dynamic_part.data(), scalar.data()));
  for (const float value : static_part.host()) EXPECT_TRUE(std::isnan(value));
  for (const float value : dynamic_part.host()) EXPECT_TRUE(std::isnan(value));
  EXPECT_EQ(scalar.host(), (std::vector<int>{-1, -1}));
}

}  // namespace
}  // namespace simt_test
