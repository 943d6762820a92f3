// Memory-bound kernels: elementwise operations, copies that change the layout, reductions, SGD.
#include <cuttle/kernels/copy.h>
#include <cuttle/kernels/elementwise.h>
#include <cuttle/kernels/reduce.h>
#include <cuttle/kernels/sgd.h>

#include "backend.h"

namespace {

using namespace cuttle::bench;
using cuttle::kernels::StridedLoop;

template <int Operands>
StridedLoop<Operands> dense(int64_t n) {
  StridedLoop<Operands> loop;
  loop.rank = 1;
  loop.sizes[0] = n;
  for (auto& strides : loop.strides) strides[0] = 1;
  return loop;
}

Work bytes(int64_t elements) {
  return {.bytes = sizeof(float) * static_cast<double>(elements)};
}

template <class Backend>
void relu(benchmark::State& state, const Backend& backend) {
  const int64_t n = state.range(0);
  const auto x = backend.upload(random_values(n)), out = backend.upload(random_values(n));
  measure(state, backend, bytes(2 * n), [&] {
    cuttle::kernels::unary<float>(backend.stream, cuttle::kernels::UnaryOp::relu, dense<2>(n),
                                  x.get(), out.get());
  });
}
CUTTLE_BENCHMARK(relu, ->RangeMultiplier(32)->Range(1 << 10, 1 << 25))

template <class Backend>
void add(benchmark::State& state, const Backend& backend) {
  const int64_t n = state.range(0);
  const auto a = backend.upload(random_values(n)), b = backend.upload(random_values(n));
  const auto out = backend.upload(random_values(n));
  measure(state, backend, bytes(3 * n), [&] {
    cuttle::kernels::binary<float>(backend.stream, cuttle::kernels::BinaryOp::add, dense<3>(n),
                                   a.get(), b.get(), out.get());
  });
}
CUTTLE_BENCHMARK(add, ->RangeMultiplier(32)->Range(1 << 10, 1 << 25))

// A batch of 64 images from (N, C, H, W) to (N, H, W, C); the argument is C, the plane 32 × 32.
template <class Backend>
void copy_to_channels_last(benchmark::State& state, const Backend& backend) {
  const int64_t c = state.range(0), n = 64 * c * 1024;
  const auto x = backend.upload(random_values(n)), out = backend.upload(random_values(n));
  const StridedLoop<2> loop{
      .rank = 3, .sizes = {64, 1024, c}, .strides = {{c * 1024, 1, 1024}, {c * 1024, c, 1}}};
  measure(state, backend, bytes(2 * n),
          [&] { cuttle::kernels::copy<float, float>(backend.stream, loop, x.get(), out.get()); });
}
CUTTLE_BENCHMARK(copy_to_channels_last, ->Arg(3)->Arg(64))

// All elements of a matrix of `rows` × `columns`: argument 2 is what is kept: 0 nothing, 1 the
// rows' sums, 2 the columns' sums.
template <class Backend>
void sum(benchmark::State& state, const Backend& backend) {
  const int64_t rows = state.range(0), columns = state.range(1);
  cuttle::kernels::ReduceLoop loop;
  if (state.range(2) == 0) loop.inner = dense<1>(rows * columns);
  if (state.range(2) == 1) {
    loop.outer = {.rank = 1, .sizes = {rows}, .strides = {{columns}, {1}}};
    loop.inner = dense<1>(columns);
  }
  if (state.range(2) == 2) {
    loop.outer = dense<2>(columns);
    loop.inner = {.rank = 1, .sizes = {rows}, .strides = {{columns}}};
  }
  const auto x = backend.upload(random_values(rows * columns));
  const auto out = backend.upload(random_values(std::max(rows, columns)));
  measure(state, backend, bytes(rows * columns),
          [&] { cuttle::kernels::sum<float>(backend.stream, loop, x.get(), out.get()); });
}
CUTTLE_BENCHMARK(
    sum, ->ArgsProduct({{4096}, {4096}, {0, 1, 2}})->Args({65536, 32, 2})->Args({64, 64, 2}))

template <class Backend>
void argmax(benchmark::State& state, const Backend& backend) {
  const int64_t rows = state.range(0), columns = state.range(1);
  const cuttle::kernels::ReduceLoop loop{
      .outer = {.rank = 1, .sizes = {rows}, .strides = {{columns}, {1}}},
      .inner = dense<1>(columns)};
  const auto x = backend.upload(random_values(rows * columns));
  const auto out = backend.upload(std::vector<int64_t>(static_cast<size_t>(rows)));
  measure(state, backend, bytes(rows * columns),
          [&] { cuttle::kernels::argmax<float>(backend.stream, loop, x.get(), out.get()); });
}
CUTTLE_BENCHMARK(argmax, ->Args({64, 10})->Args({4096, 4096}))

// The ten parameters of the tutorial network; the argument: with momentum.
template <class Backend>
void sgd_step(benchmark::State& state, const Backend& backend) {
  const int64_t sizes[] = {2400, 32, 25600, 32, 51200, 64, 65536, 64, 640, 10};
  const bool momentum = state.range(0) != 0;
  std::vector<typename Backend::template Memory<float>> memory;
  std::vector<cuttle::kernels::SgdParameter<float>> parameters;
  // So small a rate that the values stay what they are however often the step runs.
  const cuttle::kernels::SgdOptions options{.lr = 1e-20, .momentum = momentum ? 0.9 : 0.0};
  const auto factors = backend.upload(std::vector{cuttle::kernels::SgdFactors<float>(options)});
  const auto first_step = backend.upload(std::vector<unsigned char>{0});
  int64_t total = 0;
  for (const int64_t n : sizes) {
    for (int i = 0; i < 3; ++i) memory.push_back(backend.upload(random_values(n)));
    const size_t last = memory.size() - 1;
    parameters.push_back({.value = memory[last - 2].get(),
                          .gradient = memory[last - 1].get(),
                          .momentum_buffer = momentum ? memory[last].get() : nullptr,
                          .numel = n,
                          .first_step = reinterpret_cast<const bool*>(first_step.get())});
    total += n;
  }
  measure(state, backend, bytes((momentum ? 5 : 3) * total),
          [&] { cuttle::kernels::sgd_step<float>(backend.stream, factors.get(), parameters); });
}
CUTTLE_BENCHMARK(sgd_step, ->Arg(0)->Arg(1))

}  // namespace
