// Convolution with 2 × 2 max pooling, as one operation and as two, on the layers of the tutorial
// network at batch 64: argument 0, 1, 2 is the layer.
#include <cuttle/kernels/conv2d_pool.h>
#include <cuttle/kernels/max_pool2d.h>

#include "backend.h"
#include "conv2d_layers.h"

namespace {

using namespace cuttle::bench;
using namespace cuttle::kernels;

template <class Backend>
struct Data {
  Data(const Backend& backend, int64_t layer)
      : fused{.conv = tutorial_convolution(layer)},
        conv(fused.conv),
        pool{.n = conv.n,
             .c = conv.o,
             .h = conv.oh,
             .w = conv.ow,
             .kh = 2,
             .kw = 2,
             .oh = conv.oh / 2,
             .ow = conv.ow / 2,
             .stride_h = 2,
             .stride_w = 2},
        x(backend.upload(random_values(conv.n * conv.h * conv.w * conv.c))),
        weight(backend.upload(random_values(conv.o * conv.kh * conv.kw * conv.c))),
        bias(backend.upload(random_values(conv.o))),
        unpooled(backend.upload(random_values(conv.n * conv.oh * conv.ow * conv.o))),
        y(backend.upload(random_values(conv.n * pool.oh * pool.ow * conv.o))),
        place(backend.upload(std::vector<uint8_t>(conv.n * pool.oh * pool.ow * conv.o))),
        index(backend.upload(std::vector<int32_t>(conv.n * pool.oh * pool.ow * conv.o))) {
    conv2d_pool_forward<float>(backend.stream, fused, x.get(), weight.get(), bias.get(), y.get(),
                               place.get());
    max_pool2d_forward<float>(backend.stream, pool, unpooled.get(), y.get(), index.get());
  }

  Work work(int passes) const { return {.flops = passes * multiplications_and_additions(conv)}; }

  Conv2dPoolShape fused;
  Conv2dShape conv;
  MaxPool2dShape pool;
  typename Backend::template Memory<float> x, weight, bias, unpooled, y;
  typename Backend::template Memory<uint8_t> place;
  typename Backend::template Memory<int32_t> index;
};

template <class Backend>
void conv2d_pool_forward_fused(benchmark::State& state, const Backend& backend) {
  const Data<Backend> data(backend, state.range(0));
  measure(state, backend, data.work(1), [&] {
    conv2d_pool_forward<float>(backend.stream, data.fused, data.x.get(), data.weight.get(),
                               data.bias.get(), data.y.get(), data.place.get());
  });
}
CUTTLE_BENCHMARK(conv2d_pool_forward_fused, ->DenseRange(0, 2))

template <class Backend>
void conv2d_pool_forward_apart(benchmark::State& state, const Backend& backend) {
  const Data<Backend> data(backend, state.range(0));
  measure(state, backend, data.work(1), [&] {
    conv2d_forward<float>(backend.stream, data.conv, data.x.get(), data.weight.get(),
                          data.bias.get(), data.unpooled.get());
    max_pool2d_forward<float>(backend.stream, data.pool, data.unpooled.get(), data.y.get(),
                              data.index.get());
  });
}
CUTTLE_LIBRARY_BENCHMARK(conv2d_pool_forward_apart, ->DenseRange(0, 2))

// As in the training step: the first layer's input needs no gradient.
template <class Backend>
void conv2d_pool_backward_fused(benchmark::State& state, const Backend& backend) {
  const Data<Backend> data(backend, state.range(0));
  const bool dx = state.range(0) > 0;
  measure(state, backend, data.work(dx ? 2 : 1), [&] {
    conv2d_pool_backward_weight<float>(backend.stream, data.fused, data.x.get(), data.y.get(),
                                       data.place.get(), data.weight.get(), data.bias.get());
    if (dx)
      conv2d_pool_backward_input<float>(backend.stream, data.fused, data.y.get(), data.place.get(),
                                        data.weight.get(), data.x.get());
  });
}
CUTTLE_BENCHMARK(conv2d_pool_backward_fused, ->DenseRange(0, 2))

template <class Backend>
void conv2d_pool_backward_apart(benchmark::State& state, const Backend& backend) {
  const Data<Backend> data(backend, state.range(0));
  const bool dx = state.range(0) > 0;
  measure(state, backend, data.work(dx ? 2 : 1), [&] {
    max_pool2d_backward<float>(backend.stream, data.pool, data.y.get(), data.index.get(),
                               data.unpooled.get());
    conv2d_backward_weight<float>(backend.stream, data.conv, data.x.get(), data.unpooled.get(),
                                  data.weight.get(), data.bias.get());
    if (dx)
      conv2d_backward_input<float>(backend.stream, data.conv, data.unpooled.get(),
                                   data.weight.get(), data.x.get());
  });
}
CUTTLE_LIBRARY_BENCHMARK(conv2d_pool_backward_apart, ->DenseRange(0, 2))

}  // namespace
