// Warp operations against what CUDA's programming guide says of them.
#include "support.h"

namespace simt_test {
namespace {

struct Shuffles {
  int direct, up, down, exchange;
};

__global__ void shuffle_kernel(Shuffles* out, int argument, int width) {
  const int lane = static_cast<int>(threadIdx.x % 32), value = 100 + lane;
  out[threadIdx.x] = {__shfl_sync(~0u, value, argument, width),
                      __shfl_up_sync(~0u, value, static_cast<unsigned>(argument), width),
                      __shfl_down_sync(~0u, value, static_cast<unsigned>(argument), width),
                      __shfl_xor_sync(~0u, value, argument, width)};
}

TEST(SimtWarp, ShufflesWithinSegments) {
  for (const int width : {1, 2, 8, 32}) {
    for (const int argument : {0, 1, 3, 5, 16, 31}) {
      const DeviceArray<Shuffles> out(64);
      EXPECT_CUDA(launch(shuffle_kernel, 1, 64, 0, nullptr, out.data(), argument, width));
      const std::vector<Shuffles> got = out.host();
      for (int thread = 0; thread < 64; ++thread) {
        const int lane = thread % 32, first = lane - lane % width, inside = lane % width;
        EXPECT_EQ(got[thread].direct, 100 + first + argument % width);
        EXPECT_EQ(got[thread].up, 100 + (inside < argument ? lane : lane - argument));
        EXPECT_EQ(got[thread].down, 100 + (inside + argument >= width ? lane : lane + argument));
        const int partner = lane ^ argument;
        EXPECT_EQ(got[thread].exchange, 100 + (partner < first + width ? partner : lane));
      }
    }
  }
}

__global__ void sum_kernel(const double* in, double* out) {
  double sum = in[threadIdx.x];
  for (unsigned distance = 16; distance > 0; distance /= 2) {
    sum += __shfl_down_sync(0xffffffffu, sum, distance);
  }
  if (threadIdx.x % 32 == 0) out[threadIdx.x / 32] = sum;
}

TEST(SimtWarp, SumOfDoublesByShuffles) {
  const DeviceArray<double> in(counting<double>(96)), out(3);
  EXPECT_CUDA(launch(sum_kernel, 1, 96, 0, nullptr, in.data(), out.data()));
  EXPECT_EQ(out.host(), (std::vector<double>{496, 1520, 2544}));
}

struct Votes {
  unsigned ballot, equal, same_mask;
  int any, all, same;
  int sum, least;
};

__global__ void vote_kernel(Votes* out) {
  const int lane = static_cast<int>(threadIdx.x);
  Votes v{};
  v.ballot = __ballot_sync(~0u, lane % 5 == 0);
  v.any = __any_sync(~0u, lane == 40);
  v.all = __all_sync(~0u, lane < 32);
  v.equal = __match_any_sync(~0u, lane / 12);
  v.same_mask = __match_all_sync(~0u, 3.5f, &v.same);
  v.sum = __reduce_add_sync(~0u, lane - 4);
  v.least = __reduce_min_sync(~0u, 7 - lane);
  out[lane] = v;
}

TEST(SimtWarp, VotesMatchesAndReductions) {
  const DeviceArray<Votes> out(32);
  EXPECT_CUDA(launch(vote_kernel, 1, 32, 0, nullptr, out.data()));
  const std::vector<Votes> got = out.host();
  for (int lane = 0; lane < 32; ++lane) {
    EXPECT_EQ(got[lane].ballot, 0x42108421u);
    EXPECT_EQ(got[lane].any, 0);
    EXPECT_EQ(got[lane].all, 1);
    EXPECT_EQ(got[lane].equal, lane < 12 ? 0xfffu : lane < 24 ? 0xfff000u : 0xff000000u);
    EXPECT_EQ(got[lane].same_mask, ~0u);
    EXPECT_EQ(got[lane].same, 1);
    EXPECT_EQ(got[lane].sum, 496 - 128);
    EXPECT_EQ(got[lane].least, -24);
  }
}

__global__ void halves_kernel(int* out) {
  const int lane = static_cast<int>(threadIdx.x);
  if (lane < 16) {  // the two halves of the warp go different ways, each with its own mask
    out[lane] = __shfl_sync(0x0000ffffu, lane, 3);
  } else {
    out[lane] = __shfl_sync(0xffff0000u, lane, 20);
  }
}

TEST(SimtWarp, MasksSplitTheWarp) {
  const DeviceArray<int> out(32);
  EXPECT_CUDA(launch(halves_kernel, 1, 32, 0, nullptr, out.data()));
  const std::vector<int> got = out.host();
  for (int lane = 0; lane < 32; ++lane) EXPECT_EQ(got[lane], lane < 16 ? 3 : 20);
}

__global__ void neighbours_kernel(int* out) {
  CUTTLE_SHARED(int, values, [64]);
  const unsigned i = threadIdx.x;
  values[i] = static_cast<int>(i);
  __syncwarp();
  out[i] = values[i ^ 1];
}

TEST(SimtWarp, SyncwarpOrdersSharedMemory) {
  const DeviceArray<int> out(64);
  EXPECT_CUDA(launch(neighbours_kernel, 1, 64, 0, nullptr, out.data()));
  const std::vector<int> got = out.host();
  for (int i = 0; i < 64; ++i) EXPECT_EQ(got[i], i ^ 1);
}

__global__ void partial_warp_kernel(int* out) {  // 40 threads: the second warp has 8 lanes
  out[threadIdx.x] = __popc(__ballot_sync(~0u, 1));
}

TEST(SimtWarp, LastWarpMayBePartial) {
  const DeviceArray<int> out(40);
  EXPECT_CUDA(launch(partial_warp_kernel, 1, 40, 0, nullptr, out.data()));
  const std::vector<int> got = out.host();
  for (int i = 0; i < 40; ++i) EXPECT_EQ(got[i], i < 32 ? 32 : 8);
}

}  // namespace
}  // namespace simt_test
