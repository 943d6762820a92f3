// Sums and argmax of a matrix: over everything, along its rows, along its columns.
#include <cuttle/kernels/reduce.h>

#include "copy_rate.h"

namespace {

using namespace cuttle::bench;
using cuttle::kernels::ReduceLoop;

/// What is kept of a matrix.
enum Kept { nothing, rows_results, columns_results };

ReduceLoop reduction(int64_t rows, int64_t columns, int64_t kept) {
  ReduceLoop loop;
  if (kept == nothing) loop.inner = dense<1>(rows * columns);
  if (kept == rows_results) {
    loop.outer = {.rank = 1, .sizes = {rows}, .strides = {{columns}, {1}}};
    loop.inner = dense<1>(columns);
  }
  if (kept == columns_results) {
    loop.outer = dense<2>(columns);
    loop.inner = {.rank = 1, .sizes = {rows}, .strides = {{columns}}};
  }
  return loop;
}

// Arguments: rows, columns, what is kept. 65536 × 32: the bias gradient of a convolution.
template <class Backend>
void sum(benchmark::State& state, const Backend& backend) {
  const int64_t rows = state.range(0), columns = state.range(1);
  const ReduceLoop loop = reduction(rows, columns, state.range(2));
  const auto x = backend.upload(random_values(rows * columns));
  const auto out = backend.upload(random_values(std::max(rows, columns)));
  measure_beside_copy(state, backend, floats(rows * columns), [&] {
    cuttle::kernels::reduce<float>(backend.stream, cuttle::kernels::ReduceOp::sum, 0, loop, x.get(),
                                   {out.get()});
  });
}
CUTTLE_BENCHMARK(sum, ->ArgsProduct({{4096}, {4096}, {nothing, rows_results, columns_results}})
                          ->Args({16, 1 << 20, rows_results})
                          ->Args({1 << 18, 100, rows_results})
                          ->Args({4095, 4097, rows_results})
                          ->Args({65536, 32, columns_results})
                          ->Args({64, 64, columns_results}))

template <class Backend>
void argmax(benchmark::State& state, const Backend& backend) {
  const int64_t rows = state.range(0), columns = state.range(1);
  const ReduceLoop loop = reduction(rows, columns, state.range(2));
  const auto x = backend.upload(random_values(rows * columns));
  const auto out = backend.upload(std::vector<int64_t>(static_cast<size_t>(rows + columns)));
  measure_beside_copy(state, backend, floats(rows * columns), [&] {
    cuttle::kernels::reduce<float>(backend.stream, cuttle::kernels::ReduceOp::argmax, 0, loop,
                                   x.get(), {nullptr, out.get()});
  });
}
CUTTLE_BENCHMARK(argmax, ->ArgsProduct({{4096}, {4096}, {nothing, rows_results, columns_results}})
                             ->Args({64, 10, rows_results}))

}  // namespace
