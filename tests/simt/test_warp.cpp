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

struct Partial {
  unsigned ballot, match_any, match_all, no_match_all;
  int any, all, none, same, not_same;
  int sum, least, most;
  unsigned unsigned_sum, unsigned_least, unsigned_most, bits_and, bits_or, bits_xor;
  Shuffles shuffled;
};

// The lanes of each warp that are not in `live` return before the others meet.
__global__ void partial_warp_kernel(Partial* out, unsigned live) {
  const int lane = static_cast<int>(threadIdx.x % 32);
  if (!(live >> lane & 1)) return;
  const unsigned bits = 0xf0000000u + static_cast<unsigned>(lane);
  Partial p{};
  p.ballot = __ballot_sync(~0u, lane % 2);
  p.any = __any_sync(~0u, lane % 2);
  p.all = __all_sync(~0u, 1);
  p.none = __any_sync(~0u, 0);
  p.match_any = __match_any_sync(~0u, lane % 2);
  p.match_all = __match_all_sync(~0u, 1, &p.same);
  p.no_match_all = __match_all_sync(~0u, lane / 2, &p.not_same);
  p.sum = __reduce_add_sync(~0u, lane - 40);
  p.least = __reduce_min_sync(~0u, lane - 12);
  p.most = __reduce_max_sync(~0u, lane - 40);
  p.unsigned_sum = __reduce_add_sync(~0u, bits);
  p.unsigned_least = __reduce_min_sync(~0u, bits);
  p.unsigned_most = __reduce_max_sync(~0u, lane % 4 ? 5u : bits);
  p.bits_and = __reduce_and_sync(~0u, bits);
  p.bits_or = __reduce_or_sync(~0u, bits);
  p.bits_xor = __reduce_xor_sync(~0u, bits);
  p.shuffled = {__shfl_sync(~0u, lane, 3, 4), __shfl_up_sync(~0u, lane, 1, 4),
                __shfl_down_sync(~0u, lane, 1, 4), __shfl_xor_sync(~0u, lane, 2, 4)};
  __syncwarp();
  out[threadIdx.x] = p;
}

void expect_votes(const Partial& got, unsigned live, int lane) {
  const unsigned odd = live & 0xaaaaaaaau;
  EXPECT_EQ(got.ballot, odd);
  EXPECT_EQ(got.any, 1);
  EXPECT_EQ(got.all, 1);
  EXPECT_EQ(got.none, 0);
  EXPECT_EQ(got.match_any, lane % 2 ? odd : live & ~odd);
  EXPECT_EQ(got.match_all, live);
  EXPECT_EQ(got.same, 1);
  EXPECT_EQ(got.no_match_all, 0u);
  EXPECT_EQ(got.not_same, 0);
}

void expect_reductions(const Partial& got, unsigned live) {
  unsigned numbers = 0, bits_and = ~0u, bits_or = 0, bits_xor = 0, sum = 0;
  for (unsigned lane = 0; lane < 32; ++lane) {
    if (!(live >> lane & 1)) continue;
    const unsigned bits = 0xf0000000u + lane;
    numbers += lane;
    sum += bits;
    bits_and &= bits;
    bits_or |= bits;
    bits_xor ^= bits;
  }
  const int first = __builtin_ctz(live), last = 31 - __builtin_clz(live);
  EXPECT_EQ(got.sum, static_cast<int>(numbers) - 40 * __builtin_popcount(live));
  EXPECT_EQ(got.least, first - 12);
  EXPECT_EQ(got.most, last - 40);
  EXPECT_EQ(got.unsigned_sum, sum);
  EXPECT_EQ(got.unsigned_least, 0xf0000000u + static_cast<unsigned>(first));
  EXPECT_EQ(got.unsigned_most, 0xf0000000u + static_cast<unsigned>(last / 4 * 4));
  EXPECT_EQ(got.bits_and, bits_and);
  EXPECT_EQ(got.bits_or, bits_or);
  EXPECT_EQ(got.bits_xor, bits_xor);
}

// `live` of the second warp takes whole groups of four lanes, in which the shuffles stay.
void expect_partial(const std::vector<Partial>& got, unsigned live) {
  for (int lane = 0; lane < 32; ++lane) {
    if (!(live >> lane & 1)) continue;
    SCOPED_TRACE(testing::Message() << "live " << live << ", lane " << lane);
    const Partial& own = got[32 + static_cast<size_t>(lane)];
    expect_votes(own, live, lane);
    expect_reductions(own, live);
    EXPECT_EQ(own.shuffled.direct, lane | 3);
    EXPECT_EQ(own.shuffled.up, lane % 4 == 0 ? lane : lane - 1);
    EXPECT_EQ(own.shuffled.down, lane % 4 == 3 ? lane : lane + 1);
    EXPECT_EQ(own.shuffled.exchange, lane ^ 2);
  }
}

TEST(SimtWarp, LastWarpMayBePartial) {
  const DeviceArray<Partial> out(40);  // the second warp has 8 lanes
  EXPECT_CUDA(launch(partial_warp_kernel, 1, 40, 0, nullptr, out.data(), ~0u));
  expect_partial(out.host(), 0xff);
}

TEST(SimtWarp, LanesMayReturnEarly) {
  for (const unsigned live : {0xffu, 0xffff0000u, 0x0ff0f000u, 0xf0000000u, 0xffffffffu}) {
    const DeviceArray<Partial> out(64);
    EXPECT_CUDA(launch(partial_warp_kernel, 1, 64, 0, nullptr, out.data(), live));
    expect_partial(out.host(), live);
  }
}

// The lanes of a mask may come to the same operation by different branches.
__global__ void two_branches_kernel(int* out) {
  const int lane = static_cast<int>(threadIdx.x);
  if (lane < 16) {
    out[lane] = lane;
    __syncwarp();
  } else {
    out[lane] = 2 * lane;
    __syncwarp();
  }
  out[lane] += __shfl_xor_sync(~0u, lane, 16);
}

TEST(SimtWarp, LanesMeetFromTwoBranches) {
  const DeviceArray<int> out(32);
  EXPECT_CUDA(launch(two_branches_kernel, 1, 32, 0, nullptr, out.data()));
  std::vector<int> expected(32);
  for (int lane = 0; lane < 32; ++lane) {
    expected[lane] = (lane < 16 ? lane : 2 * lane) + (lane ^ 16);
  }
  EXPECT_EQ(out.host(), expected);
}

// Lane 1 waits for lane 0 while that still meets lane 2: for the race detector, too, lane 1 comes
// after what lane 0 writes in between.
__global__ void overlapping_masks_kernel(int* out) {
  CUTTLE_SHARED(int, message, [1]);
  if (threadIdx.x == 0) {
    __syncwarp(0x5);
    message[0] = 7;
    __syncwarp(0x3);
  } else if (threadIdx.x == 1) {
    __syncwarp(0x3);
    out[0] = message[0];
  } else if (threadIdx.x == 2) {
    __syncwarp(0x5);
  }
}

TEST(SimtWarp, MasksMayOverlap) {
  const DeviceArray<int> out(1);
  EXPECT_CUDA(launch(overlapping_masks_kernel, 1, 32, 0, nullptr, out.data()));
  EXPECT_EQ(out.host(), std::vector<int>{7});
}

}  // namespace
}  // namespace simt_test
