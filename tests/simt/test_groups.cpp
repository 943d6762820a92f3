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

}  // namespace
}  // namespace simt_test
