// The kernels of normalisation, forward and backward, against their formulas in double.
#include <cuttle/kernels/batch_norm.h>
#include <cuttle/kernels/row_norm.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using NormTest = KernelTest<Backend>;
TYPED_TEST_SUITE(NormTest, Backends, BackendName);

// Channels innermost: in packs and not, of several blocks side by side, and of several that share
// their channels; then planes, likewise.
constexpr NormShape kBatches[] = {
    {2, 3, 1, 3, true},     {33, 31, 1, 31, true},  {2100, 8, 1, 8, true}, {4133, 4, 1, 4, true},
    {7, 300, 1, 300, true}, {0, 4, 2, 4, true},     {1, 1, 2, 1, true},    {3, 5, 49, 5, true},
    {2, 4, 36, 4, true},    {40, 3, 1025, 3, true}, {300, 2, 64, 2, true},
};
// Rows that a warp, a block, and no block keeps; groups of channels with one element and with more.
constexpr NormShape kRows[] = {
    {0, 4, 1, 1},    {5, 1, 1, 1},    {5, 33, 1, 1},  {3, 1025, 1, 1}, {2, 4200, 1, 1},
    {1, 8200, 1, 1}, {700, 16, 1, 1}, {5, 12, 1, 3},  {2, 8, 31, 2},   {3, 6, 4, 3},
    {4, 4, 9, 4},    {2, 2, 5000, 1}, {300, 8, 4, 2},
};

size_t numel(const NormShape& s) {
  return static_cast<size_t>(s.outer * s.channels * s.inner);
}
size_t statistics(const NormShape& s) {
  return static_cast<size_t>(s.shared ? s.channels : s.outer * s.groups);
}

/// Calls f(element, channel, statistic) for each element.
template <class F>
void each(const NormShape& s, const F& f) {
  size_t i = 0;
  for (int64_t o = 0; o < s.outer; ++o)
    for (int64_t c = 0; c < s.channels; ++c)
      for (int64_t k = 0; k < s.inner; ++k, ++i)
        f(i, static_cast<size_t>(c),
          static_cast<size_t>(s.shared ? c : o * s.groups + c / s.per_group()));
}

using Values = std::vector<double>;

template <class T>
Values widened(const std::vector<T>& values) {
  return {values.begin(), values.end()};
}

/// What a step reads, and what the formulas make of it.
template <class T>
struct Case {
  Case(const NormShape& s, bool use_relu, bool has_affine, bool is_centred = true)
      : shape(s),
        relu(use_relu),
        affine(has_affine),
        centred(is_centred),
        x(random_values<T>(numel(s), 1, -1, 3)),
        dy(random_values<T>(numel(s), 2)),
        weight(random_values<T>(static_cast<size_t>(s.channels), 3, 0.5, 2)),
        bias(random_values<T>(static_cast<size_t>(s.channels), 4)) {}

  double w(size_t c) const { return affine ? double(weight[c]) : 1; }
  double b(size_t c) const { return affine ? double(bias[c]) : 0; }

  /// Sets y, gradient, and both sums from statistics.
  void compute(const Values& mean, const Values& rstd) {
    y.resize(x.size()), g.resize(x.size()), normal.resize(x.size());
    std::vector<long double> by_weight(static_cast<size_t>(shape.channels)), by_bias(by_weight);
    each(shape, [&](size_t i, size_t c, size_t s) {
      normal[i] = (x[i] - mean[s]) * rstd[s];
      y[i] = normal[i] * w(c) + b(c);
      if (relu && y[i] < 0) y[i] = 0;
      g[i] = relu && y[i] <= 0 ? 0 : double(dy[i]);
      by_weight[c] += g[i] * normal[i];
      by_bias[c] += g[i];
    });
    dweight.assign(by_weight.begin(), by_weight.end());
    dbias.assign(by_bias.begin(), by_bias.end());
  }
  /// dx, from the means of g · w and g · w · x̂ over each statistic's elements.
  Values gradient(const Values& rstd, bool of_input) const {
    Values sum(statistics(shape)), slope(statistics(shape)), dx(x.size());
    each(shape, [&](size_t i, size_t c, size_t s) {
      sum[s] += g[i] * w(c);
      slope[s] += g[i] * w(c) * normal[i];
    });
    const auto n = static_cast<double>(shape.count());
    each(shape, [&](size_t i, size_t c, size_t s) {
      const double shared = of_input ? (centred ? sum[s] : 0) / n + normal[i] * slope[s] / n : 0;
      dx[i] = rstd[s] * (g[i] * w(c) - shared);
    });
    return dx;
  }

  NormShape shape;
  bool relu, affine, centred;
  std::vector<T> x, dy, weight, bias;
  Values y, g, normal, dweight, dbias;
};

/// Elements whose sign the rounding may decide are none where x is random; a sum of n terms of size
/// 1 loses about √n roundings.
template <class T>
double tolerance_of_sums(const NormShape& s) {
  return kEpsilon<T> * (8 + 4 * std::sqrt(static_cast<double>(s.outer * s.inner)));
}

template <class T, class Backend>
void check_batch(const KernelTest<Backend>& test, const NormShape& shape, bool relu, bool affine) {
  Case<T> c(shape, relu, affine);
  const auto channels = static_cast<size_t>(shape.channels);
  const auto mean_values = random_values<T>(channels, 5, 0.5, 1.5);
  const auto var_values = random_values<T>(channels, 6, 0.5, 2);
  const double eps = 0.01;
  Values rstd;
  for (const T variance : var_values) rstd.push_back(1 / std::sqrt(double(variance) + eps));
  c.compute(widened(mean_values), rstd);

  auto x = test.template upload<T>(c.x), dy = test.template upload<T>(c.dy);
  auto weight = test.template upload<T>(c.weight), bias = test.template upload<T>(c.bias);
  auto mean = test.template upload<T>(mean_values), var = test.template upload<T>(var_values);
  auto running_mean = test.template upload<T>(std::vector<T>(channels, 2));
  auto running_var = test.template upload<T>(std::vector<T>(channels, 3));
  auto steps = test.template upload<int64_t>(std::vector<int64_t>{4});
  auto y = test.template unset<T>(c.x.size()), dx = test.template unset<T>(c.x.size());
  auto dweight = test.template unset<T>(channels), dbias = test.template unset<T>(channels);
  const NormTerms<T> terms = {.mean = mean.data(),
                              .spread = var.data(),
                              .spread_is_variance = true,
                              .eps = eps,
                              .weight = affine ? weight.data() : nullptr,
                              .bias = affine ? bias.data() : nullptr,
                              .relu = relu};
  const RunningStatistics<T> running = {.mean = running_mean.data(),
                                        .variance = running_var.data(),
                                        .momentum = 0.75,
                                        .steps = relu ? steps.data() : nullptr};
  const double few = 16 * kEpsilon<T>;
  batch_norm_forward<T>(test.stream, shape, terms, running, x.data(), y.data());
  expect_close(y.to_host(), c.y, few, few, "batch norm");
  if (shape.count() > 1) {
    const double f = relu ? 0.25 : 0.75;
    const double n = static_cast<double>(shape.count());
    Values expected_mean, expected_var;
    for (size_t k = 0; k < channels; ++k) {
      expected_mean.push_back((1 - f) * 2 + f * double(mean_values[k]));
      expected_var.push_back((1 - f) * 3 + f * double(var_values[k]) * n / (n - 1));
    }
    expect_close(running_mean.to_host(), expected_mean, few, few, "running mean");
    expect_close(running_var.to_host(), expected_var, few, few, "running variance");
  }

  norm_backward_affine<T>(test.stream, shape, terms, x.data(), dy.data(), dweight.data(),
                          dbias.data());
  const double sums = tolerance_of_sums<T>(shape);
  expect_close(dweight.to_host(), c.dweight, sums, few, "the weight's gradient");
  expect_close(dbias.to_host(), c.dbias, sums, few, "the bias's gradient");
  for (const bool of_batch : {true, false}) {
    batch_norm_backward<T>(test.stream, shape, terms, x.data(), dy.data(),
                           of_batch ? dweight.data() : nullptr, of_batch ? dbias.data() : nullptr,
                           dx.data());
    expect_close(dx.to_host(), c.gradient(rstd, of_batch), 4 * few, few, "batch norm's gradient");
  }
}

TYPED_TEST(NormTest, OfBatchesFollowsTheOracle) {
  for (const NormShape& shape : kBatches)
    for (const bool relu : {false, true}) {
      check_batch<float>(*this, shape, relu, true);
      check_batch<double>(*this, shape, relu, !relu);
    }
}

template <class T, class Backend>
void check_rows(const KernelTest<Backend>& test, const NormShape& shape, bool centred,
                bool affine) {
  Case<T> c(shape, false, affine, centred);
  const double eps = 0.01, n = static_cast<double>(shape.count());
  Values mean_values(statistics(shape)), rstd(statistics(shape));
  if (centred) each(shape, [&](size_t i, size_t, size_t s) { mean_values[s] += c.x[i] / n; });
  each(shape, [&](size_t i, size_t, size_t s) {
    rstd[s] += (c.x[i] - mean_values[s]) * (c.x[i] - mean_values[s]) / n;
  });
  for (double& value : rstd) value = 1 / std::sqrt(value + eps);
  c.compute(mean_values, rstd);

  auto x = test.template upload<T>(c.x), dy = test.template upload<T>(c.dy);
  auto weight = test.template upload<T>(c.weight), bias = test.template upload<T>(c.bias);
  auto mean = test.template unset<T>(statistics(shape));
  auto spread = test.template unset<T>(statistics(shape));
  auto y = test.template unset<T>(c.x.size()), dx = test.template unset<T>(c.x.size());
  const auto channels = static_cast<size_t>(shape.channels);
  auto dweight = test.template unset<T>(channels), dbias = test.template unset<T>(channels);
  const T* const w = affine ? weight.data() : nullptr;
  // A row's mean is right to √n roundings of its elements.
  const double few = kEpsilon<T> * (32 + 2 * std::sqrt(n));
  row_norm_forward<T>(test.stream, shape, eps, x.data(), w, affine ? bias.data() : nullptr,
                      y.data(), centred ? mean.data() : nullptr, spread.data());
  expect_close(y.to_host(), c.y, few, few, "row norm");
  expect_close(spread.to_host(), rstd, few, few, "rstd");
  if (centred) expect_close(mean.to_host(), mean_values, few, few, "mean");

  const NormTerms<T> terms = {
      .mean = centred ? mean.data() : nullptr, .spread = spread.data(), .weight = w};
  row_norm_backward<T>(test.stream, shape, terms, x.data(), dy.data(), dx.data());
  // One element is its own mean: what is left of the gradient is a difference of equal numbers.
  expect_close(dx.to_host(), c.gradient(rstd, true), 32 * few, few, "row norm's gradient");
  norm_backward_affine<T>(test.stream, shape, terms, x.data(), dy.data(), dweight.data(),
                          dbias.data());
  const double sums = tolerance_of_sums<T>(shape) + 4 * few * std::sqrt(double(shape.outer));
  expect_close(dweight.to_host(), c.dweight, sums, few, "the weight's gradient");
  expect_close(dbias.to_host(), c.dbias, sums, few, "the bias's gradient");
}

TYPED_TEST(NormTest, OfRowsFollowsTheOracle) {
  for (const NormShape& shape : kRows) {
    check_rows<float>(*this, shape, true, true);
    check_rows<double>(*this, shape, true, false);
    check_rows<double>(*this, shape, false, true);
  }
}

TYPED_TEST(NormTest, NaNPassesRelu) {
  const NormShape shape = {2, 1, 1, 1, true};
  auto x = this->template upload<float>({NAN, -1}), dy = this->template upload<float>({3, 4});
  auto mean = this->template upload<float>({0}), var = this->template upload<float>({1});
  auto y = this->template unset<float>(2), dx = this->template unset<float>(2);
  const NormTerms<float> terms = {
      .mean = mean.data(), .spread = var.data(), .spread_is_variance = true, .relu = true};
  batch_norm_forward<float>(this->stream, shape, terms, {}, x.data(), y.data());
  expect_close(y.to_host(), {NAN, 0}, 0, 0, "relu of NaN");
  batch_norm_backward<float>(this->stream, shape, terms, x.data(), dy.data(), nullptr, nullptr,
                             dx.data());
  expect_close(dx.to_host(), {3, 0}, 0, 0, "its gradient");
}

}  // namespace
}  // namespace cuttle::test
