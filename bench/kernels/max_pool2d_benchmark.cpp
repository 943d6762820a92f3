// The 2×2 poolings of the tutorial network at batch 64: argument 0, 1, 2 is the layer.
#include <cuttle/kernels/max_pool2d.h>

#include "backend.h"

namespace {

using namespace cuttle::bench;
using cuttle::kernels::MaxPool2dShape;

template <class Backend>
struct Data {
  Data(const Backend& backend, int64_t layer)
      : shape(shape_of(layer)),
        inputs(shape.n * shape.h * shape.w * shape.c),
        x(backend.upload(random_values(inputs))),
        y(backend.upload(random_values(inputs / 4))),
        index(backend.upload(std::vector<int32_t>(static_cast<size_t>(inputs / 4)))) {}

  static MaxPool2dShape shape_of(int64_t layer) {
    const int64_t size = 32 >> layer;
    return {.n = 64,
            .c = layer == 2 ? 64 : 32,
            .h = size,
            .w = size,
            .kh = 2,
            .kw = 2,
            .oh = size / 2,
            .ow = size / 2,
            .stride_h = 2,
            .stride_w = 2};
  }
  /// The larger side once, a quarter of it in values and another in places, four bytes each.
  Work work() const { return {.bytes = 6.0 * static_cast<double>(inputs)}; }

  MaxPool2dShape shape;
  int64_t inputs;
  typename Backend::template Memory<float> x, y;
  typename Backend::template Memory<int32_t> index;
};

template <class Backend>
void max_pool2d_forward(benchmark::State& state, const Backend& backend) {
  const Data<Backend> data(backend, state.range(0));
  measure(state, backend, data.work(), [&] {
    cuttle::kernels::max_pool2d_forward<float>(backend.stream, data.shape, data.x.get(),
                                               data.y.get(), data.index.get());
  });
}
CUTTLE_BENCHMARK(max_pool2d_forward, ->DenseRange(0, 2))

template <class Backend>
void max_pool2d_backward(benchmark::State& state, const Backend& backend) {
  const Data<Backend> data(backend, state.range(0));
  cuttle::kernels::max_pool2d_forward<float>(backend.stream, data.shape, data.x.get(), data.y.get(),
                                             data.index.get());
  const auto dx = backend.upload(random_values(data.inputs));
  measure(state, backend, data.work(), [&] {
    cuttle::kernels::max_pool2d_backward<float>(backend.stream, data.shape, data.y.get(),
                                                data.index.get(), dx.get());
  });
}
CUTTLE_BENCHMARK(max_pool2d_backward, ->DenseRange(0, 2))

}  // namespace
