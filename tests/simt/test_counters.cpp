// The counters of a traced build against counts made by hand.
#include <cuttle/kernels/simt/findings/counters.h>

#include <sstream>

#include "support.h"

namespace simt_test {
namespace {

using cuttle::simt::LaunchCounters;
using cuttle::simt::take_launch_counters;

__global__ void strided_copy_kernel(const float* in, float* out, int stride) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  out[i] = in[i * stride];
}

LaunchCounters count_strided_copy(int stride) {
  const int n = 128;
  const DeviceArray<float> in(static_cast<size_t>(n * stride)), out(n);
  take_launch_counters();
  EXPECT_CUDA(launch(strided_copy_kernel, 2, 64, 0, nullptr, in.data(), out.data(), stride));
  const auto counters = take_launch_counters();
  EXPECT_EQ(counters.size(), 1u);
  return counters.at(0);
}

// Four warps. A warp's 32 floats are 128 bytes, 4 sectors; with a stride of 2 they spread over 8,
// of 8 and more over one each.
TEST(SimtCounters, StridedCopy) {
  for (const auto& [stride, sectors] : {std::pair{1, 4}, {2, 8}, {4, 16}, {8, 32}, {33, 32}}) {
    const LaunchCounters c = count_strided_copy(stride);
    EXPECT_EQ(c.global_loads.instructions, 4u);
    EXPECT_EQ(c.global_loads.bytes, 4u * 128);
    EXPECT_EQ(c.global_loads.sectors, 4u * static_cast<unsigned>(sectors)) << stride;
    EXPECT_EQ(c.global_stores.instructions, 4u);
    EXPECT_EQ(c.global_stores.sectors, 16u);
    EXPECT_EQ(c.shared_loads.instructions + c.shared_stores.instructions, 0u);
  }
}

template <int kPitch>
__global__ void transpose_kernel(const float* in, float* out) {
  CUTTLE_SHARED(float, tile, [32][kPitch]);
  const int x = static_cast<int>(threadIdx.x), y = static_cast<int>(threadIdx.y);
  tile[y][x] = in[y * 32 + x];
  __syncthreads();
  out[y * 32 + x] = tile[x][y];
}

template <int kPitch>
LaunchCounters count_transpose() {
  const DeviceArray<float> in(1024), out(1024);
  take_launch_counters();
  EXPECT_CUDA(launch(transpose_kernel<kPitch>, 1, dim3(32, 32), 0, nullptr, in.data(), out.data()));
  return take_launch_counters().at(0);
}

// Each of 32 warps writes a row, without conflict, and reads a column: with a pitch of 32 all 32
// words are in one bank, 31 passes more than one; with 33 each is in its own.
TEST(SimtCounters, TransposedTile) {
  const LaunchCounters plain = count_transpose<32>(), padded = count_transpose<33>();
  EXPECT_EQ(plain.shared_stores.bank_conflicts, 0u);
  EXPECT_EQ(plain.shared_loads.instructions, 32u);
  EXPECT_EQ(plain.shared_loads.bank_conflicts, 32u * 31);
  EXPECT_EQ(padded.shared_loads.bank_conflicts, 0u);
  EXPECT_EQ(padded.shared_stores.bank_conflicts, 0u);
  EXPECT_EQ(plain.barriers, 1024u);
  EXPECT_EQ(plain.global_loads.sectors, 128u);
  EXPECT_EQ(plain.global_stores.sectors, 128u);
}

__global__ void divergent_loop_kernel(int* counts) {
  for (unsigned i = 0; i < threadIdx.x; ++i) atomicAdd(counts, 1);
}

__global__ void uniform_loop_kernel(int* counts) {
  for (unsigned i = 0; i < 31; ++i) atomicAdd(counts, 1);
}

LaunchCounters count_loop(void (*kernel)(int*)) {
  const DeviceArray<int> counts(std::vector<int>{0});
  take_launch_counters();
  EXPECT_CUDA(launch(kernel, 1, 32, 0, nullptr, counts.data()));
  return take_launch_counters().at(0);
}

// Lane i goes round i times, 496 rounds in all, in 31 rounds of the warp; lane 0 never takes part.
// How many basic blocks a round is made of is the compiler's choice; it may put one more before the
// loop, which the 31 lanes enter that go round at all. What all 32 lanes execute is not divergent.
TEST(SimtCounters, DivergentLoop) {
  const LaunchCounters c = count_loop(divergent_loop_kernel);
  EXPECT_EQ(c.atomics, 496u);
  const uint64_t blocks_a_round = c.divergent_blocks / 31;
  const uint64_t before_the_loop = c.divergent_blocks % 31;
  EXPECT_GE(blocks_a_round, 1u);
  EXPECT_LE(before_the_loop, 1u);
  EXPECT_EQ(c.lane_blocks, blocks_a_round * 496 + before_the_loop * 31 +
                               32 * (c.warp_blocks - c.divergent_blocks));
}

TEST(SimtCounters, UniformLoop) {
  const LaunchCounters c = count_loop(uniform_loop_kernel);
  EXPECT_EQ(c.atomics, 992u);
  EXPECT_GE(c.warp_blocks, 31u);
  EXPECT_EQ(c.divergent_blocks, 0u);
  EXPECT_EQ(c.lane_blocks, 32 * c.warp_blocks);
}

// As for a person to read; the loop's basic blocks, which a compiler chooses, are none of it.
TEST(SimtCounters, ArePrinted) {
  std::ostringstream text;
  text << count_strided_copy(2);
  const std::string expected =
      "  global loads : 4 instructions, 512 bytes in 32 sectors (50 % used)\n"
      "  global stores: 4 instructions, 512 bytes in 16 sectors (100 % used)\n"
      "  shared loads : 0 instructions, 0 bank conflicts\n"
      "  shared stores: 0 instructions, 0 bank conflicts\n";
  EXPECT_NE(text.str().find("strided_copy_kernel"), std::string::npos) << text.str();
  EXPECT_NE(text.str().find(expected), std::string::npos) << text.str();
  EXPECT_NE(text.str().find(" 0 with inactive lanes (100 % of lanes active)"), std::string::npos)
      << text.str();
}

__global__ void vector_load_kernel(const float4* in, float4* out) {
  CUTTLE_SHARED(float4, tile, [32]);
  tile[threadIdx.x] = in[threadIdx.x];
  __syncwarp();
  out[threadIdx.x] = tile[31 - threadIdx.x];
}

// 16 bytes a lane: 512 bytes, 16 sectors; shared memory takes them by quarter warps, without
// conflict.
TEST(SimtCounters, Vectors) {
  const DeviceArray<float4> in(32), out(32);
  take_launch_counters();
  EXPECT_CUDA(launch(vector_load_kernel, 1, 32, 0, nullptr, in.data(), out.data()));
  const LaunchCounters c = take_launch_counters().at(0);
  EXPECT_EQ(c.global_loads.bytes, 512u);
  EXPECT_EQ(c.shared_stores.bytes, 512u);
  EXPECT_EQ(c.shared_loads.bank_conflicts, 0u);
  EXPECT_EQ(c.warp_operations, 32u);
}

}  // namespace
}  // namespace simt_test
