// The convolutions of the tutorial network at batch 64: argument 0, 1, 2 is the layer.
#include <cuttle/kernels/conv2d.h>

#include "backend.h"
#include "conv2d_layers.h"

namespace {

using namespace cuttle::bench;
using cuttle::kernels::Conv2dShape;

template <class Backend>
struct Data {
  Data(const Backend& backend, int64_t index)
      : shape(tutorial_convolution(index)),
        x(backend.upload(random_values(shape.n * shape.h * shape.w * shape.c))),
        weight(backend.upload(random_values(shape.o * shape.kh * shape.kw * shape.c))),
        bias(backend.upload(random_values(shape.o))),
        y(backend.upload(random_values(shape.n * shape.oh * shape.ow * shape.o))) {}

  Work work() const { return {.flops = multiplications_and_additions(shape)}; }

  Conv2dShape shape;
  typename Backend::template Memory<float> x, weight, bias, y;
};

template <class Backend>
void conv2d_forward(benchmark::State& state, const Backend& backend) {
  const Data<Backend> data(backend, state.range(0));
  measure(state, backend, data.work(), [&] {
    cuttle::kernels::conv2d_forward<float>(backend.stream, data.shape, data.x.get(),
                                           data.weight.get(), data.bias.get(), data.y.get());
  });
}
CUTTLE_LIBRARY_BENCHMARK(conv2d_forward, ->DenseRange(0, 2))

template <class Backend>
void conv2d_backward_input(benchmark::State& state, const Backend& backend) {
  const Data<Backend> data(backend, state.range(0));
  measure(state, backend, data.work(), [&] {
    cuttle::kernels::conv2d_backward_input<float>(backend.stream, data.shape, data.y.get(),
                                                  data.weight.get(), data.x.get());
  });
}
CUTTLE_LIBRARY_BENCHMARK(conv2d_backward_input, ->DenseRange(1, 2))

template <class Backend>
void conv2d_backward_weight(benchmark::State& state, const Backend& backend) {
  const Data<Backend> data(backend, state.range(0));
  measure(state, backend, data.work(), [&] {
    cuttle::kernels::conv2d_backward_weight<float>(
        backend.stream, data.shape, data.x.get(), data.y.get(), data.weight.get(), data.bias.get());
  });
}
CUTTLE_LIBRARY_BENCHMARK(conv2d_backward_weight, ->DenseRange(0, 2))

}  // namespace
