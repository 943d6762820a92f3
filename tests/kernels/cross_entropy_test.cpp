// Cross-entropy and its gradient against the formula in double, with weights, smoothing, ignored
// rows and every reduction; and what happens to a target out of range.
#include <cuttle/kernels/cross_entropy.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using CrossEntropyTest = KernelTest<Backend>;
TYPED_TEST_SUITE(CrossEntropyTest, Backends, BackendName);

struct Oracle {
  std::vector<double> row_loss,
      gradient;  // gradient (rows, classes) of Σ rows, without the divisor
  double total_weight = 0;
};

template <class T>
Oracle cross_entropy(const CrossEntropyShape& s, const std::vector<T>& x,
                     const std::vector<int64_t>& target, const std::vector<T>& weight) {
  Oracle result;
  long double total_weight = 0;  // its roundings would show in the double tests
  const double smoothing = s.label_smoothing, classes = static_cast<double>(s.classes);
  for (int64_t r = 0; r < s.rows; ++r) {
    const T* row = &x[r * s.classes];
    double largest = -INFINITY, sum = 0;
    for (int64_t k = 0; k < s.classes; ++k) largest = std::max(largest, double(row[k]));
    for (int64_t k = 0; k < s.classes; ++k) sum += std::exp(row[k] - largest);
    const double lse = largest + std::log(sum);
    const int64_t t = target[r];
    const bool ignored = t == s.ignore_index;
    double loss = ignored ? 0 : (1 - smoothing) * weight[t] * (lse - row[t]);
    for (int64_t k = 0; k < s.classes && !ignored; ++k)
      loss += smoothing / classes * weight[k] * (lse - row[k]);
    result.row_loss.push_back(loss);
    if (!ignored) total_weight += weight[t];
    // The loss is Σ_j f_j · (−log p_j), and d(−log p_j)/dx_k = p_k − [j = k].
    const auto factor = [&](int64_t j) {
      return (j == t ? (1 - smoothing) * weight[t] : 0) + smoothing / classes * weight[j];
    };
    double factors = 0;
    for (int64_t j = 0; j < s.classes && !ignored; ++j) factors += factor(j);
    for (int64_t k = 0; k < s.classes; ++k)
      result.gradient.push_back(ignored ? 0 : factors * std::exp(row[k] - lse) - factor(k));
  }
  result.total_weight = static_cast<double>(total_weight);
  return result;
}

template <class T, class Backend>
void check(const KernelTest<Backend>& test, const CrossEntropyShape& s, bool weighted) {
  const auto x_values = random_values<T>(s.rows * s.classes, 1, -5, 5);
  std::vector<int64_t> targets;
  for (int64_t r = 0; r < s.rows; ++r)
    targets.push_back(r % 5 == 3 ? s.ignore_index : (r * 7) % s.classes);
  const auto weights =
      weighted ? random_values<T>(s.classes, 2, 0.5, 2) : std::vector<T>(s.classes, 1);
  const Oracle expected = cross_entropy(s, x_values, targets, weights);
  const bool none = s.reduction == LossReduction::none;

  auto x = test.template upload<T>(x_values);
  auto target = test.template upload<int64_t>(targets);
  auto weight = test.template upload<T>(weights);
  auto loss = test.template unset<T>(none ? s.rows : 1);
  auto terms = test.template unset<T>(2 * s.rows);
  auto total_weight = test.template unset<T>(1);
  const T* const weight_there = weighted ? weight.data() : nullptr;
  cross_entropy_forward<T>(test.stream, s, x.data(), target.data(), weight_there, loss.data(),
                           terms.data(), total_weight.data());
  double divisor = s.reduction == LossReduction::mean ? expected.total_weight : 1;
  std::vector<double> expected_loss = expected.row_loss;
  if (!none) {
    double sum = 0;
    for (double row : expected.row_loss) sum += row;
    expected_loss = {sum / divisor};
  }
  expect_close(loss.to_host(), expected_loss, 64 * kEpsilon<T>, 64 * kEpsilon<T>, "loss");
  expect_close(total_weight.to_host(), {expected.total_weight}, 0, 16 * kEpsilon<T>, "weight");

  const auto dloss_values = random_values<T>(none ? s.rows : 1, 3);
  auto dloss = test.template upload<T>(dloss_values);
  auto dx = test.template unset<T>(s.rows * s.classes);
  const CrossEntropySaved<T> saved{x.data(), target.data(), weight_there, terms.data(),
                                   total_weight.data()};
  cross_entropy_backward<T>(test.stream, s, saved, dloss.data(), dx.data());
  std::vector<double> expected_dx = expected.gradient;
  for (size_t i = 0; i < expected_dx.size(); ++i)
    expected_dx[i] *= dloss_values[none ? i / s.classes : 0] / divisor;
  expect_close(dx.to_host(), expected_dx, 32 * kEpsilon<T>, 32 * kEpsilon<T>, "dx");
}

TYPED_TEST(CrossEntropyTest, FollowsTheOracle) {
  // From 4096 classes on, or 8192 where they are taken in packs, rows are beyond registers.
  const int64_t sizes[][2] = {{1, 1},   {1, 10},  {64, 10},  {31, 33},  {300, 3}, {1025, 10},
                              {70, 12}, {5, 260}, {5, 1025}, {3, 4097}, {3, 8200}};
  for (const auto& size : sizes)
    for (LossReduction reduction : {LossReduction::none, LossReduction::mean, LossReduction::sum})
      for (double smoothing : {0.0, 0.1}) {
        const CrossEntropyShape s{.rows = size[0],
                                  .classes = size[1],
                                  .ignore_index = -100,
                                  .label_smoothing = smoothing,
                                  .reduction = reduction};
        check<float>(*this, s, false);
        check<double>(*this, s, true);
      }
}

TYPED_TEST(CrossEntropyTest, IgnoreIndexMayBeAClass) {
  const CrossEntropyShape s{.rows = 64, .classes = 10, .ignore_index = 4};
  check<float>(*this, s, true);
}

TYPED_TEST(CrossEntropyTest, NoRows) {
  auto nothing = this->template upload<float>({});
  auto target = this->template upload<int64_t>({});
  auto loss = this->template unset<float>(1), total = this->template upload<float>({7});
  for (LossReduction reduction : {LossReduction::mean, LossReduction::sum}) {
    const CrossEntropyShape s{.rows = 0, .classes = 10, .reduction = reduction};
    cross_entropy_forward<float>(this->stream, s, nothing.data(), target.data(), nullptr,
                                 loss.data(), nothing.data(), total.data());
    const float result = loss.to_host()[0];
    EXPECT_TRUE(reduction == LossReduction::mean ? std::isnan(result) : result == 0) << result;
    EXPECT_EQ(total.to_host()[0], 0);
  }
}

TYPED_TEST(CrossEntropyTest, TargetOutOfRangeIsReported) {
  const CrossEntropyShape s{.rows = 5, .classes = 10};
  auto x = this->template upload<float>(random_values<float>(50, 1));
  auto target = this->template upload<int64_t>({1, 2, 3, 12, 4});
  auto loss = this->template unset<float>(1), terms = this->template unset<float>(10);
  auto total = this->template unset<float>(1);
  std::string message;
  try {
    cross_entropy_forward<float>(this->stream, s, x.data(), target.data(), nullptr, loss.data(),
                                 terms.data(), total.data());
    (void)loss.to_host();  // waits for the device, which then reports
  } catch (const Error& error) {
    message = error.what();
  }
  for (const char* part : {"cross_entropy: target 12", "row 3", "10 classes"})
    EXPECT_NE(message.find(part), std::string::npos) << "'" << message << "' lacks " << part;

  auto good = this->template upload<int64_t>({1, 2, 3, 9, 0});  // the report was cleared
  cross_entropy_forward<float>(this->stream, s, x.data(), good.data(), nullptr, loss.data(),
                               terms.data(), total.data());
  EXPECT_TRUE(std::isfinite(loss.to_host()[0]));
}

}  // namespace
}  // namespace cuttle::test
