// The SGD step against torch.optim.SGD's formula in double: every option, many parameters at once.
#include <cuttle/kernels/sgd.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using SgdTest = KernelTest<Backend>;
TYPED_TEST_SUITE(SgdTest, Backends, BackendName);

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
  auto factors = test.template upload<SgdFactors<T>>({SgdFactors<T>(options)});
  auto first_step = test.template upload<bool>({false, true});
  for (int i = 0; i < 3; ++i) {
    std::vector<Buffer> gradients;
    std::vector<SgdParameter<T>> parameters;
    for (size_t p = 0; p < sizes.size(); ++p) {
      const auto gradient = random_values<T>(sizes[p], static_cast<unsigned>(1000 * (i + 1) + p));
      gradients.push_back(test.template upload<T>(gradient));
      parameters.push_back({values[p].data(), gradients[p].data(),
                            options.momentum != 0 ? buffers[p].data() : nullptr, sizes[p],
                            options.momentum != 0 ? first_step.data() + (i == 0) : nullptr});
      step(options, i == 0, widened(gradient), expected[p], expected_buffers[p]);
    }
    sgd_step<T>(test.stream, factors.data(), parameters);
    // gradients are freed at the end of this round: wait for the kernel
    (void)gradients.back().to_host();
  }
  for (size_t p = 0; p < sizes.size(); ++p)
    expect_close(values[p].to_host(), expected[p], 8 * kEpsilon<T>, 8 * kEpsilon<T>,
                 "parameter " + std::to_string(p));
}

const std::vector<int64_t> kParameterSizes = {0, 1, 31, 33, 1025, 2048, 4133};

TYPED_TEST(SgdTest, EveryVariant) {
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

TYPED_TEST(SgdTest, MoreParametersThanOneTableHolds) {
  check<float>(*this, {.lr = 0.1, .momentum = 0.9}, std::vector<int64_t>(70, 33));
  check<float>(*this, {.lr = 0.1, .momentum = 0.9}, std::vector<int64_t>(700, 3));
}

TYPED_TEST(SgdTest, ParametersThatAreNotAligned) {
  const auto start = random_values<float>(1030, 1), slope = random_values<float>(1030, 2);
  auto value = this->template upload<float>(start);
  auto gradient = this->template upload<float>(slope);
  auto factors = this->template upload<SgdFactors<float>>({SgdFactors<float>({.lr = 0.5})});
  const SgdParameter<float> parameter{value.data() + 1, gradient.data() + 3, nullptr, 1025};
  sgd_step<float>(this->stream, factors.data(), {&parameter, 1});
  const auto result = value.to_host();
  for (int i = 0; i < 1025; ++i)
    ASSERT_NEAR(result[i + 1], start[i + 1] - 0.5 * slope[i + 3], 1e-6) << i;
  EXPECT_EQ(result[0], start[0]);
  EXPECT_EQ(result[1026], start[1026]);
}

TYPED_TEST(SgdTest, NoParameters) {
  EXPECT_NO_THROW(sgd_step<float>(this->stream, nullptr, {}));
}

}  // namespace
}  // namespace cuttle::test
