// Kernels that promise the same bits on every device, against arithmetic in which every operation
// is rounded: a multiplication and an addition that a compiler had fused would show.
#include <cuttle/kernels/fill.h>
#include <cuttle/kernels/optimizer_rules.h>
#include <cuttle/kernels/optimizer_step.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using RoundingTest = KernelTest<Backend>;
TYPED_TEST_SUITE(RoundingTest, Backends, BackendName);

/// a · b in memory, where no compiler can fuse it with what follows.
template <class T>
T product(T a, T b) {
  volatile T result = a * b;
  return result;
}

template <class T, class Backend>
void check_arange(const KernelTest<Backend>& test, T start, T step) {
  const int64_t n = 4133;
  std::vector<T> expected(n);
  int64_t distinct = 0;  // elements that a fused operation gives otherwise
  for (int64_t i = 0; i < n; ++i) {
    const double at = static_cast<double>(i), by = step, from = start;
    expected[i] = static_cast<T>(from + product(at, by));
    distinct += expected[i] != static_cast<T>(std::fma(at, by, from));
  }
  if (sizeof(T) == 8) {
    ASSERT_GT(distinct, 100) << "these values cannot tell";
  }
  auto out = test.template unset<T>(n);
  arange<T>(test.stream, start, step, n, out.data());
  EXPECT_EQ(out.to_host(), expected);
}

TYPED_TEST(RoundingTest, ArangeRoundsTheProductAndTheSum) {
  check_arange<double>(*this, -0.3, 0.1);
  check_arange<double>(*this, 1.0 / 3, 1.0 / 7);
  check_arange<float>(*this, -0.3f, 0.1f);
}

template <class T>
void step_element(const SgdOptions& o, bool first, T gradient, T& value, T& buffer) {
  const T momentum = static_cast<T>(o.momentum), keep = static_cast<T>(1 - o.dampening);
  T g = o.maximize ? -gradient : gradient;
  if (o.weight_decay != 0) g = g + product(static_cast<T>(o.weight_decay), value);
  if (o.momentum != 0) {
    buffer = first ? g : product(momentum, buffer) + product(keep, g);
    g = o.nesterov ? g + product(momentum, buffer) : buffer;
  }
  value = value - product(static_cast<T>(o.lr), g);
}

template <class T, class Backend>
void check_sgd(const KernelTest<Backend>& test, const SgdOptions& options) {
  const int64_t n = 4133;
  auto values = random_values<T>(n, 1), buffers = std::vector<T>(n);
  auto value = test.template upload<T>(values), buffer = test.template upload<T>(buffers);
  using Settings = StepSettings<SgdRule>;
  auto settings = test.template upload<Settings>({Settings{options}});
  auto steps = test.template upload<double>({0});
  for (const bool first : {true, false}) {
    const auto gradients = random_values<T>(n, first ? 2 : 3);
    auto gradient = test.template upload<T>(gradients);
    const bool momentum = options.momentum != 0;
    const StepParameter<T> parameter{.value = value.data(),
                                     .gradient = gradient.data(),
                                     .state = {momentum ? buffer.data() : nullptr},
                                     .numel = n,
                                     .steps = momentum ? steps.data() : nullptr};
    optimizer_step<SgdRule, T>(test.stream, settings.data(), std::span(&parameter, 1));
    for (int64_t i = 0; i < n; ++i)
      step_element(options, first, gradients[i], values[i], buffers[i]);
    ASSERT_EQ(value.to_host(), values);
    if (momentum) {
      ASSERT_EQ(buffer.to_host(), buffers);
    }
  }
}

TYPED_TEST(RoundingTest, SgdRoundsEachOperation) {
  for (const SgdOptions& options :
       {SgdOptions{.lr = 0.1}, SgdOptions{.lr = 0.1, .momentum = 0.9},
        SgdOptions{.lr = 0.1, .momentum = 0.9, .dampening = 0.3, .weight_decay = 0.01},
        SgdOptions{.lr = 0.1, .momentum = 0.7, .weight_decay = 0.01, .nesterov = true},
        SgdOptions{.lr = 0.1, .weight_decay = 0.3, .maximize = true}}) {
    check_sgd<float>(*this, options);
    check_sgd<double>(*this, options);
  }
}

}  // namespace
}  // namespace cuttle::test
