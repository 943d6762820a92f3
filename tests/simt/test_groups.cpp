// Cooperative groups: the block and tiles of a warp.
#include "support.h"

namespace simt_test {
namespace {

namespace cg = cooperative_groups;

template <unsigned kSize>
__global__ void tile_sum_kernel(const int* in, int* out, unsigned* ranks) {
  const cg::thread_block block = cg::this_thread_block();
  const auto tile = cg::tiled_partition<kSize>(block);
  const unsigned i = block.thread_rank();
  const int sum = cg::reduce(tile, in[i], cg::plus<int>());
  const bool any = tile.any(in[i] == 0), all = tile.all(in[i] >= 0);
  block.sync();
  out[i] = sum + (any ? 1000000 : 0) + (all ? 0 : 5000000);
  ranks[i] = tile.meta_group_rank() * kSize + tile.thread_rank();
}

template <unsigned kSize>
void check_tiles() {
  const int threads = 64;
  const DeviceArray<int> in(counting<int>(threads)), out(threads);
  const DeviceArray<unsigned> ranks(threads);
  EXPECT_CUDA(launch(tile_sum_kernel<kSize>, 1, dim3(16, 4), 0, nullptr, in.data(), out.data(),
                     ranks.data()));
  const std::vector<int> got = out.host();
  for (int i = 0; i < threads; ++i) {
    const int size = kSize, first = i / size * size;
    const int sum = size * first + size * (size - 1) / 2;
    EXPECT_EQ(got[i], sum + (first == 0 ? 1000000 : 0));
  }
  EXPECT_EQ(ranks.host(), counting<unsigned>(threads));
}

TEST(SimtGroups, Tiles) {
  check_tiles<1>();
  check_tiles<4>();
  check_tiles<16>();
  check_tiles<32>();
}

__global__ void nested_tiles_kernel(unsigned* ranks, unsigned* counts) {
  const cg::thread_block block = cg::this_thread_block();
  const cg::thread_block_tile<32> warp = cg::tiled_partition<32>(block);
  const auto quarter = cg::tiled_partition<8>(cg::tiled_partition<32>(block));
  cg::sync(warp);
  cg::sync(block);
  ranks[block.thread_rank()] = warp.meta_group_rank() * 100 + quarter.meta_group_rank();
  counts[block.thread_rank()] = warp.meta_group_size() * 100 + quarter.meta_group_size();
}

// A tile counts within what it is a part of: two warps of the block, four quarters of a warp.
TEST(SimtGroups, TilesOfTiles) {
  const DeviceArray<unsigned> ranks(64), counts(64);
  EXPECT_CUDA(launch(nested_tiles_kernel, 1, 64, 0, nullptr, ranks.data(), counts.data()));
  for (unsigned i = 0; i < 64; ++i) {
    EXPECT_EQ(ranks.host()[i], i / 32 * 100 + i % 32 / 8);
    EXPECT_EQ(counts.host()[i], 204u);
  }
}

}  // namespace
}  // namespace simt_test
