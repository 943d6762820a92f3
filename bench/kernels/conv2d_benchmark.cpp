// Convolutions of known networks (conv2d_layers.h): argument 0, 1, 2 is the tutorial's layer,
// larger ones are those of larger networks, on the CPU alone; there in bfloat16 too.
#include <cuttle/kernels/conv2d.h>
#include <cuttle/kernels/half.h>

#include "backend.h"
#include "conv2d_layers.h"

namespace {

using namespace cuttle::bench;
using cuttle::BFloat16;
using cuttle::kernels::Conv2dShape;

template <class Backend, class T>
struct Data {
  Data(const Backend& backend, int64_t index)
      : shape(network_convolution(index)),
        x(backend.upload(random_values<T>(shape.n * shape.h * shape.w * shape.c))),
        weight(backend.upload(
            random_values<T>(shape.o * shape.kh * shape.kw * (shape.c / shape.groups)))),
        bias(backend.upload(random_values<T>(shape.o))),
        y(backend.upload(random_values<T>(shape.n * shape.oh * shape.ow * shape.o))) {}

  Work work() const {
    const Conv2dShape& s = shape;
    const int64_t numbers =
        s.n * (s.h * s.w * s.c + s.oh * s.ow * s.o) + s.o * s.kh * s.kw * (s.c / s.groups);
    return {.bytes = static_cast<double>(numbers) * sizeof(T),
            .flops = multiplications_and_additions(s)};
  }

  Conv2dShape shape;
  typename Backend::template Memory<T> x, weight, bias, y;
};

template <class Backend, class T = float>
void conv2d_forward(benchmark::State& state, const Backend& backend) {
  const Data<Backend, T> data(backend, state.range(0));
  measure(state, backend, data.work(), [&] {
    cuttle::kernels::conv2d_forward<T>(backend.stream, data.shape, data.x.get(), data.weight.get(),
                                       data.bias.get(), data.y.get());
  });
}

template <class Backend, class T = float>
void conv2d_backward_input(benchmark::State& state, const Backend& backend) {
  const Data<Backend, T> data(backend, state.range(0));
  measure(state, backend, data.work(), [&] {
    cuttle::kernels::conv2d_backward_input<T>(backend.stream, data.shape, data.y.get(),
                                              data.weight.get(), data.x.get());
  });
}

template <class Backend, class T = float>
void conv2d_backward_weight(benchmark::State& state, const Backend& backend) {
  const Data<Backend, T> data(backend, state.range(0));
  measure(state, backend, data.work(), [&] {
    cuttle::kernels::conv2d_backward_weight<T>(backend.stream, data.shape, data.x.get(),
                                               data.y.get(), data.weight.get(), data.bias.get());
  });
}

CUTTLE_LIBRARY_BENCHMARK(conv2d_forward, ->DenseRange(0, 2))
CUTTLE_LIBRARY_BENCHMARK(conv2d_backward_input, ->DenseRange(1, 2))
CUTTLE_LIBRARY_BENCHMARK(conv2d_backward_weight, ->DenseRange(0, 2))

// The rows of the CPU alone.
#define CUTTLE_CPU_BENCHMARK(pass, T, label, first, last) \
  BENCHMARK(run_on<Cpu, pass<Cpu, T>>)                    \
      ->Name(#pass "/" label)                             \
      ->Unit(benchmark::kMicrosecond)                     \
      ->UseRealTime()                                     \
      ->DenseRange(first, last);

CUTTLE_CPU_BENCHMARK(conv2d_forward, float, "Cpu", 3, 13)
CUTTLE_CPU_BENCHMARK(conv2d_backward_input, float, "Cpu", 3, 13)
CUTTLE_CPU_BENCHMARK(conv2d_backward_weight, float, "Cpu", 3, 13)
CUTTLE_CPU_BENCHMARK(conv2d_forward, BFloat16, "Cpu bfloat16", 0, 13)
CUTTLE_CPU_BENCHMARK(conv2d_backward_input, BFloat16, "Cpu bfloat16", 1, 13)
CUTTLE_CPU_BENCHMARK(conv2d_backward_weight, BFloat16, "Cpu bfloat16", 0, 13)

}  // namespace
