// Softmax and cross-entropy. Arguments: rows, classes.
#include <cuttle/kernels/cross_entropy.h>
#include <cuttle/kernels/softmax.h>

#include "copy_rate.h"

namespace {

using namespace cuttle::bench;

/// A small batch of a classifier; rows of a warp, of a block, and beyond registers.
void sizes(benchmark::internal::Benchmark* benchmark) {
  for (const auto& [rows, classes] :
       {std::pair{64, 10}, {4096, 1024}, {32768, 1024}, {8192, 4096}, {512, 50257}})
    benchmark->Args({rows, classes});
}

template <class Backend>
void softmax_forward(benchmark::State& state, const Backend& backend) {
  const int64_t rows = state.range(0), cols = state.range(1);
  const auto x = backend.upload(random_values(rows * cols));
  const auto y = backend.upload(random_values(rows * cols));
  measure_beside_copy(state, backend, floats(2 * rows * cols), [&] {
    cuttle::kernels::softmax_forward<float>(backend.stream, false, rows, cols, x.get(), y.get());
  });
}
CUTTLE_BENCHMARK(softmax_forward, ->Apply(sizes))

template <class Backend>
void softmax_backward(benchmark::State& state, const Backend& backend) {
  const int64_t rows = state.range(0), cols = state.range(1);
  const auto y = backend.upload(random_values(rows * cols));
  const auto dy = backend.upload(random_values(rows * cols));
  const auto dx = backend.upload(random_values(rows * cols));
  measure_beside_copy(state, backend, floats(3 * rows * cols), [&] {
    cuttle::kernels::softmax_backward<float>(backend.stream, false, rows, cols, y.get(), dy.get(),
                                             dx.get());
  });
}
CUTTLE_BENCHMARK(softmax_backward, ->Apply(sizes))

template <class Backend>
struct LossData {
  LossData(const Backend& backend, int64_t rows, int64_t classes)
      : shape{.rows = rows, .classes = classes},
        x(backend.upload(random_values(rows * classes))),
        dx(backend.upload(random_values(rows * classes))),
        terms(backend.upload(random_values(2 * rows))),
        loss(backend.upload(std::vector<float>{1})),
        total_weight(backend.upload(std::vector<float>{1})) {
    std::vector<int64_t> classes_of_rows(static_cast<size_t>(rows));
    for (int64_t r = 0; r < rows; ++r) classes_of_rows[static_cast<size_t>(r)] = r % classes;
    target = backend.upload(classes_of_rows);
  }

  cuttle::kernels::CrossEntropyShape shape;
  typename Backend::template Memory<float> x, dx, terms, loss, total_weight;
  typename Backend::template Memory<int64_t> target;
};

template <class Backend>
void cross_entropy_forward(benchmark::State& state, const Backend& backend) {
  const LossData<Backend> data(backend, state.range(0), state.range(1));
  measure_beside_copy(state, backend, floats(state.range(0) * state.range(1)), [&] {
    cuttle::kernels::cross_entropy_forward<float>(backend.stream, data.shape, data.x.get(),
                                                  data.target.get(), nullptr, data.loss.get(),
                                                  data.terms.get(), data.total_weight.get());
  });
}
CUTTLE_BENCHMARK(cross_entropy_forward, ->Apply(sizes))

template <class Backend>
void cross_entropy_backward(benchmark::State& state, const Backend& backend) {
  const LossData<Backend> data(backend, state.range(0), state.range(1));
  const cuttle::kernels::CrossEntropySaved<float> saved{.x = data.x.get(),
                                                        .target = data.target.get(),
                                                        .terms = data.terms.get(),
                                                        .total_weight = data.total_weight.get()};
  measure_beside_copy(state, backend, floats(2 * state.range(0) * state.range(1)), [&] {
    cuttle::kernels::cross_entropy_backward<float>(backend.stream, data.shape, saved,
                                                   data.loss.get(), data.dx.get());
  });
}
CUTTLE_BENCHMARK(cross_entropy_backward, ->Apply(sizes))

}  // namespace
