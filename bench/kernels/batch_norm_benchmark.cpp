// Batch normalisation in training, with ReLU, on the sizes of ResNet-18. Arguments: images,
// channels, places of an image, 1 for channels last.
#include <cuttle/kernels/batch_norm.h>
#include <cuttle/kernels/reduce.h>

#include "copy_rate.h"

namespace {

using namespace cuttle::bench;
using namespace cuttle::kernels;

void sizes(benchmark::internal::Benchmark* benchmark) {
  constexpr int64_t kImages = 32;
  for (const auto& [channels, places] :
       {std::pair{64, 112 * 112}, {64, 56 * 56}, {128, 28 * 28}, {256, 14 * 14}, {512, 7 * 7}})
    for (const int64_t last : {0, 1}) benchmark->Args({kImages, channels, places, last});
}

template <class Backend>
struct Data {
  Data(const Backend& used, const benchmark::State& state)
      : backend(used),
        images(state.range(0)),
        channels(state.range(1)),
        places(state.range(2)),
        last(state.range(3) != 0),
        shape{.outer = last ? images * places : images,
              .channels = channels,
              .inner = last ? 1 : places,
              .groups = channels,
              .shared = true},
        x(used.upload(random_values(numel()))),
        y(used.upload(random_values(numel()))),
        dx(used.upload(random_values(numel()))),
        weight(used.upload(std::vector<float>(static_cast<size_t>(channels), 1.5f))),
        bias(used.upload(random_values(channels))),
        mean(used.upload(random_values(channels))),
        variance(used.upload(std::vector<float>(static_cast<size_t>(channels), 1.0f))),
        running_mean(used.upload(random_values(channels))),
        running_var(used.upload(random_values(channels))),
        terms{.mean = mean.get(),
              .spread = variance.get(),
              .spread_is_variance = true,
              .eps = 1e-5,
              .weight = weight.get(),
              .bias = bias.get(),
              .relu = true} {
    const int64_t image = channels * places;
    loop.outer.rank = 1;
    loop.outer.sizes[0] = channels;
    loop.outer.strides[0][0] = last ? 1 : places;
    loop.outer.strides[1][0] = 1;
    loop.inner.rank = last ? 1 : 2;
    loop.inner.sizes[0] = last ? images * places : images;
    loop.inner.strides[0][0] = last ? channels : image;
    loop.inner.sizes[1] = places;
    loop.inner.strides[0][1] = 1;
  }

  int64_t numel() const { return images * channels * places; }
  void forward() const {
    reduce<float>(backend.stream, ReduceOp::var, 0, loop, x.get(), {variance.get(), mean.get()});
    batch_norm_forward<float>(
        backend.stream, shape, terms,
        {.mean = running_mean.get(), .variance = running_var.get(), .momentum = 0.1}, x.get(),
        y.get());
  }
  void backward() const {
    norm_backward_affine<float>(backend.stream, shape, terms, x.get(), y.get(), running_mean.get(),
                                running_var.get());
    batch_norm_backward<float>(backend.stream, shape, terms, x.get(), y.get(), running_mean.get(),
                               running_var.get(), dx.get());
  }

  const Backend& backend;
  int64_t images, channels, places;
  bool last;
  NormShape shape;
  ReduceLoop loop;
  typename Backend::template Memory<float> x, y, dx, weight, bias, mean, variance, running_mean,
      running_var;
  NormTerms<float> terms;
};

/// x is read twice and y written.
template <class Backend>
void batch_norm_relu_forward(benchmark::State& state, const Backend& backend) {
  const Data<Backend> data(backend, state);
  measure_beside_copy(state, backend, floats(3 * data.numel()), [&] { data.forward(); });
}
CUTTLE_BENCHMARK(batch_norm_relu_forward, ->Apply(sizes))

/// x and dy are read twice and dx written.
template <class Backend>
void batch_norm_relu_backward(benchmark::State& state, const Backend& backend) {
  const Data<Backend> data(backend, state);
  measure_beside_copy(state, backend, floats(5 * data.numel()), [&] { data.backward(); });
}
CUTTLE_BENCHMARK(batch_norm_relu_backward, ->Apply(sizes))

}  // namespace
