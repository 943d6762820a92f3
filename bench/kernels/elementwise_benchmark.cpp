// Elementwise operations and SGD.
#include <cuttle/kernels/elementwise.h>
#include <cuttle/kernels/optimizer_rules.h>
#include <cuttle/kernels/optimizer_step.h>

#include "copy_rate.h"

namespace {

using namespace cuttle::bench;

template <class Backend>
void relu(benchmark::State& state, const Backend& backend) {
  const int64_t n = state.range(0);
  const auto x = backend.upload(random_values(n)), out = backend.upload(random_values(n));
  measure(state, backend, floats(2 * n), [&] {
    cuttle::kernels::elementwise<float, 1>(backend.stream, cuttle::kernels::Elementwise::relu, 0,
                                           dense<2>(n), {{x.get()}}, out.get());
  });
}
CUTTLE_BENCHMARK(relu, ->RangeMultiplier(32)->Range(1 << 10, 1 << 25))

template <class Backend>
void add(benchmark::State& state, const Backend& backend) {
  const int64_t n = state.range(0);
  const auto a = backend.upload(random_values(n)), b = backend.upload(random_values(n));
  const auto out = backend.upload(random_values(n));
  measure(state, backend, floats(3 * n), [&] {
    cuttle::kernels::binary<float>(backend.stream, cuttle::kernels::Elementwise::add, dense<3>(n),
                                   a.get(), b.get(), out.get());
  });
}
CUTTLE_BENCHMARK(add, ->RangeMultiplier(32)->Range(1 << 10, 1 << 25))

// The ten parameters of the tutorial network; the argument: with momentum.
template <class Backend>
void sgd_step(benchmark::State& state, const Backend& backend) {
  const int64_t sizes[] = {2400, 32, 25600, 32, 51200, 64, 65536, 64, 640, 10};
  const bool momentum = state.range(0) != 0;
  std::vector<typename Backend::template Memory<float>> memory;
  std::vector<cuttle::kernels::StepParameter<float>> parameters;
  // So small a rate that the values stay what they are however often the step runs.
  const cuttle::kernels::SgdOptions options{.lr = 1e-20, .momentum = momentum ? 0.9 : 0.0};
  using Rule = cuttle::kernels::SgdRule;
  const auto settings = backend.upload(std::vector{cuttle::kernels::StepSettings<Rule>{options}});
  const auto steps = backend.upload(std::vector<double>(10, 1));
  int64_t total = 0;
  for (const int64_t n : sizes) {
    for (int i = 0; i < 3; ++i) memory.push_back(backend.upload(random_values(n)));
    const size_t last = memory.size() - 1;
    parameters.push_back({.value = memory[last - 2].get(),
                          .gradient = memory[last - 1].get(),
                          .state = {momentum ? memory[last].get() : nullptr},
                          .numel = n,
                          .steps = momentum ? steps.get() + parameters.size() : nullptr});
    total += n;
  }
  measure(state, backend, floats((momentum ? 5 : 3) * total), [&] {
    using Parameters = std::span<const cuttle::kernels::StepParameter<float>>;
    cuttle::kernels::optimizer_step<Rule, float>(backend.stream, settings.get(),
                                                 Parameters(parameters));
  });
}
CUTTLE_BENCHMARK(sgd_step, ->Arg(0)->Arg(1))

}  // namespace
