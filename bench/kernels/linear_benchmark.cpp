// The linear layers of the tutorial network, forward with the bias, and all three gradients.
// Arguments: rows, in, out.
#include <cuttle/kernels/linear.h>

#include "backend.h"

namespace {

using namespace cuttle::bench;
using cuttle::kernels::LinearShape;

LinearShape shape_of(const benchmark::State& state) {
  return {state.range(0), state.range(1), state.range(2)};
}

double products(const LinearShape& s) {
  return static_cast<double>(s.rows * s.in * s.out);
}

template <class Backend>
void linear_forward(benchmark::State& state, const Backend& backend) {
  const LinearShape s = shape_of(state);
  const auto x = backend.upload(random_values(s.rows * s.in));
  const auto weight = backend.upload(random_values(s.out * s.in));
  const auto bias = backend.upload(random_values(s.out));
  const auto y = backend.upload(random_values(s.rows * s.out));
  measure(state, backend, {.flops = 2 * products(s)}, [&] {
    cuttle::kernels::linear_forward<float>(backend.stream, s, x.get(), weight.get(), bias.get(),
                                           y.get());
  });
}

template <class Backend>
void linear_backward(benchmark::State& state, const Backend& backend) {
  const LinearShape s = shape_of(state);
  const auto x = backend.upload(random_values(s.rows * s.in));
  const auto weight = backend.upload(random_values(s.out * s.in));
  const auto dy = backend.upload(random_values(s.rows * s.out));
  const auto dx = backend.upload(random_values(s.rows * s.in));
  const auto dweight = backend.upload(random_values(s.out * s.in));
  const auto dbias = backend.upload(random_values(s.out));
  measure(state, backend, {.flops = 4 * products(s)}, [&] {
    cuttle::kernels::linear_backward<float>(backend.stream, s, x.get(), weight.get(), dy.get(),
                                            {dx.get(), dweight.get(), dbias.get()});
  });
}

CUTTLE_LIBRARY_BENCHMARK(linear_forward, ->Args({64, 1024, 64})->Args({64, 64, 10}))
CUTTLE_LIBRARY_BENCHMARK(linear_backward, ->Args({64, 1024, 64})->Args({64, 64, 10}))

}  // namespace
