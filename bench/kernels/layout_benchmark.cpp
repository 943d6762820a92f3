// Copies between (N, C, H, W) and (N, H, W, C). Arguments: images, channels, pixels of an image.
#include "copy_rate.h"

namespace {

using namespace cuttle::bench;
using cuttle::kernels::StridedLoop;

template <class Backend>
void copy_layout(benchmark::State& state, const Backend& backend, bool to_channels_last) {
  const int64_t n = state.range(0), c = state.range(1), pixels = state.range(2);
  const int64_t rows = to_channels_last ? pixels : c, columns = to_channels_last ? c : pixels;
  const StridedLoop<2> loop{.rank = 3,
                            .sizes = {n, rows, columns},
                            .strides = {{c * pixels, 1, rows}, {c * pixels, columns, 1}}};
  const auto x = backend.upload(random_values(n * c * pixels));
  const auto out = backend.upload(random_values(n * c * pixels));
  measure_beside_copy(state, backend, floats(2 * n * c * pixels), [&] {
    cuttle::kernels::copy<float, float>(backend.stream, loop, x.get(), out.get());
  });
}

template <class Backend>
void copy_to_channels_last(benchmark::State& state, const Backend& backend) {
  copy_layout(state, backend, true);
}
CUTTLE_BENCHMARK(copy_to_channels_last, ->ArgsProduct({{64}, {3, 64}, {1024}})
                                            ->Args({256, 64, 3136})
                                            ->Args({128, 3, 50176}))

template <class Backend>
void copy_to_channels_first(benchmark::State& state, const Backend& backend) {
  copy_layout(state, backend, false);
}
CUTTLE_BENCHMARK(copy_to_channels_first, ->ArgsProduct({{64}, {3, 64}, {1024}})
                                             ->Args({256, 64, 3136})
                                             ->Args({128, 3, 50176}))

}  // namespace
