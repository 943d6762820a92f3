// The steps of optimizers on bare arrays: SGD's formula in double with every option, many
// parameters at once, unaligned ones, steps left out; what other rules compute is tests/optim's
// business.
#include <cuttle/kernels/optimizer_rules.h>
#include <cuttle/kernels/optimizer_step.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using OptimizerStepTest = KernelTest<Backend>;
TYPED_TEST_SUITE(OptimizerStepTest, Backends, BackendName);

/// One step on one parameter; `buffer` is momentum's.
void step(const SgdOptions& o, bool first, const std::vector<double>& gradient,
          std::vector<double>& value, std::vector<double>& buffer) {
  for (size_t i = 0; i < value.size(); ++i) {
    double g = (o.maximize ? -gradient[i] : gradient[i]) + o.weight_decay * value[i];
    if (o.momentum != 0) {
      buffer[i] = first ? g : o.momentum * buffer[i] + (1 - o.dampening) * g;
      g = o.nesterov ? g + o.momentum * buffer[i] : buffer[i];
    }
    value[i] -= o.lr * g;
  }
}

template <class T>
std::vector<double> widened(const std::vector<T>& values) {
  return {values.begin(), values.end()};
}

/// Three steps with new gradients each time, on parameters of these sizes.
template <class T, class Backend>
void check(const KernelTest<Backend>& test, const SgdOptions& options,
           const std::vector<int64_t>& sizes) {
  using Buffer = DeviceBuffer<typename Backend::Stream, T>;
  std::vector<Buffer> values, buffers;
  std::vector<std::vector<double>> expected, expected_buffers;
  for (size_t p = 0; p < sizes.size(); ++p) {
    const auto start = random_values<T>(sizes[p], static_cast<unsigned>(p));
    values.push_back(test.template upload<T>(start));
    buffers.push_back(test.template unset<T>(sizes[p]));  // NaN: not to be read in the first step
    expected.push_back(widened(start));
    expected_buffers.emplace_back(sizes[p]);
  }
  const bool momentum = options.momentum != 0;
  auto settings = test.template upload<StepSettings<SgdRule>>({{options}});
  auto steps = test.template upload<double>(HostArray<double>(sizes.size()));
  for (int i = 0; i < 3; ++i) {
    std::vector<Buffer> gradients;
    std::vector<StepParameter<T>> parameters;
    for (size_t p = 0; p < sizes.size(); ++p) {
      const auto gradient = random_values<T>(sizes[p], static_cast<unsigned>(1000 * (i + 1) + p));
      gradients.push_back(test.template upload<T>(gradient));
      parameters.push_back({.value = values[p].data(),
                            .gradient = gradients[p].data(),
                            .state = {momentum ? buffers[p].data() : nullptr},
                            .numel = sizes[p],
                            .steps = momentum ? steps.data() + p : nullptr});
      step(options, i == 0, widened(gradient), expected[p], expected_buffers[p]);
    }
    optimizer_step<SgdRule, T>(test.stream, settings.data(),
                               std::span<const StepParameter<T>>(parameters));
    // gradients are freed at the end of this round: wait for the kernel
    (void)gradients.back().to_host();
  }
  for (size_t p = 0; p < sizes.size(); ++p)
    expect_close(values[p].to_host(), expected[p], 8 * kEpsilon<T>, 8 * kEpsilon<T>,
                 "parameter " + std::to_string(p));
  EXPECT_EQ(steps.to_host(), HostArray<double>(sizes.size(), momentum ? 3 : 0));
}

const std::vector<int64_t> kParameterSizes = {0, 1, 31, 33, 1025, 2048, 4133};

TYPED_TEST(OptimizerStepTest, EveryVariant) {
  const SgdOptions variants[] = {
      {.lr = 0.1},
      {.lr = 0.1, .maximize = true},
      {.lr = 0.1, .weight_decay = 0.05},
      {.lr = 0.1, .momentum = 0.9},
      {.lr = 0.1, .momentum = 0.9, .dampening = 0.3, .weight_decay = 0.05},
      {.lr = 0.1, .momentum = 0.9, .weight_decay = 0.05, .nesterov = true},
      {.lr = 0.1, .momentum = 0.5, .dampening = 0.1, .weight_decay = 0.05, .maximize = true},
  };
  for (const SgdOptions& options : variants) {
    check<float>(*this, options, kParameterSizes);
    check<double>(*this, options, kParameterSizes);
  }
}

TYPED_TEST(OptimizerStepTest, MoreParametersThanOneTableHolds) {
  check<float>(*this, {.lr = 0.1, .momentum = 0.9}, std::vector<int64_t>(70, 33));
  check<float>(*this, {.lr = 0.1, .momentum = 0.9}, std::vector<int64_t>(700, 3));
}

TYPED_TEST(OptimizerStepTest, ParametersThatAreNotAligned) {
  const auto start = random_values<float>(1030, 1), slope = random_values<float>(1030, 2);
  auto value = this->template upload<float>(start);
  auto gradient = this->template upload<float>(slope);
  auto settings = this->template upload<StepSettings<SgdRule>>({{{.lr = 0.5}}});
  const StepParameter<float> parameter{
      .value = value.data() + 1, .gradient = gradient.data() + 3, .numel = 1025};
  optimizer_step<SgdRule, float>(this->stream, settings.data(), {&parameter, 1});
  const auto result = value.to_host();
  for (int i = 0; i < 1025; ++i)
    ASSERT_NEAR(result[i + 1], start[i + 1] - 0.5 * slope[i + 3], 1e-6) << i;
  EXPECT_EQ(result[0], start[0]);
  EXPECT_EQ(result[1026], start[1026]);
}

TYPED_TEST(OptimizerStepTest, NoParameters) {
  EXPECT_NO_THROW((optimizer_step<SgdRule, float>(this->stream, nullptr, {})));
}

// A step that is left out changes nothing and is not counted; the next one is a first step still.
TYPED_TEST(OptimizerStepTest, LeavesAStepOut) {
  const auto start = random_values<float>(2100, 1), slope = random_values<float>(2100, 2);
  auto value = this->template upload<float>(start);
  auto gradient = this->template upload<float>(slope);
  auto mean = this->template unset<float>(2100), square = this->template unset<float>(2100);
  auto steps = this->template upload<double>({0});
  const StepParameter<float> parameter{.value = value.data(),
                                       .gradient = gradient.data(),
                                       .state = {mean.data(), square.data()},
                                       .numel = 2100,
                                       .steps = steps.data()};
  const AdamOptions options = {.lr = 0.5, .eps = 1e-20};
  for (const float found : {1.f, 0.f}) {
    auto skip = this->template upload<float>({found});
    auto settings = this->template upload<StepSettings<AdamRule>>({{options, skip.data()}});
    optimizer_step<AdamRule, float>(this->stream, settings.data(), {&parameter, 1});
    EXPECT_EQ(steps.to_host(), HostArray<double>{found == 0 ? 1. : 0.});
    if (found != 0) {
      EXPECT_EQ(value.to_host(), start);
    }
  }
  // Adam's first step is lr in the direction of the gradient's sign.
  const auto result = value.to_host();
  for (size_t i = 0; i < start.size(); ++i)
    ASSERT_NEAR(result[i], start[i] - (slope[i] > 0 ? 0.5 : -0.5), 1e-5) << i;
}

}  // namespace
}  // namespace cuttle::test
