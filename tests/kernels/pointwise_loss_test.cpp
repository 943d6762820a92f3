// Pointwise losses and their gradients against formulas in double.
#include <cuttle/kernels/pointwise_loss.h>

#include <functional>
#include <map>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using PointwiseLossTest = KernelTest<Backend>;
TYPED_TEST_SUITE(PointwiseLossTest, Backends, BackendName);

/// The first parameter of all, and the second.
constexpr double kFirst = 0.75, kSecond = 0.5;
using Formula = std::function<double(double x, double y, double z)>;

double softplus(double x) {
  return std::log1p(std::exp(x));
}
double stirling(double y) {
  return y > 1 ? y * std::log(y) - y + 0.5 * std::log(2 * M_PI * y) : 0;
}
double poisson(double x, double y) {
  return x - y * std::log(x + kFirst);
}
double huber(double e) {
  return std::abs(e) <= kFirst ? e * e / 2 : kFirst * (std::abs(e) - kFirst / 2);
}

/// Each loss, and how many of its operands have derivatives.
struct Case {
  int gradients;
  Formula value;
};
std::map<PointwiseLoss, Case> cases() {
  using L = PointwiseLoss;
  return {
      {L::l1, {2, [](double x, double y, double) { return std::abs(x - y); }}},
      {L::mse, {2, [](double x, double y, double) { return (x - y) * (x - y); }}},
      {L::smooth_l1, {2, [](double x, double y, double) { return huber(x - y) / kFirst; }}},
      {L::huber, {2, [](double x, double y, double) { return huber(x - y); }}},
      {L::bce,
       {2,
        [](double x, double y, double) { return -y * std::log(x) - (1 - y) * std::log(1 - x); }}},
      {L::bce_with_logits, {2, [](double x, double y, double) { return softplus(x) - x * y; }}},
      {L::bce_with_logits_weighted,
       {2,
        [](double x, double y, double z) { return z * y * softplus(-x) + (1 - y) * softplus(x); }}},
      {L::kl_div, {2, [](double x, double y, double) { return y * (std::log(y) - x); }}},
      {L::kl_div_log_target, {2, [](double x, double y, double) { return std::exp(y) * (y - x); }}},
      {L::poisson_nll, {2, [](double x, double y, double) { return poisson(x, y); }}},
      {L::poisson_nll_full,
       {2, [](double x, double y, double) { return poisson(x, y) + stirling(y); }}},
      {L::poisson_nll_log, {2, [](double x, double y, double) { return std::exp(x) - y * x; }}},
      {L::poisson_nll_log_full,
       {2, [](double x, double y, double) { return std::exp(x) - y * x + stirling(y); }}},
      {L::gaussian_nll,
       {2,
        [](double x, double y, double z) {
          const double s = std::max(z, kFirst);
          return (std::log(s) + (x - y) * (x - y) / s) / 2 + kSecond;
        }}},
      {L::soft_margin, {2, [](double x, double y, double) { return softplus(-x * y); }}},
      {L::hinge_embedding,
       {1, [](double x, double, double) { return x + std::max(0.0, kFirst - x); }}},
      {L::margin_ranking,
       {2, [](double x, double y, double z) { return std::max(0.0, kFirst - z * (x - y)); }}},
  };
}

template <class T, class Backend>
struct Operands {
  Operands(const KernelTest<Backend>& test, int64_t n)
      : host{random_values<T>(n, 1, 0.05, 0.95), random_values<T>(n, 2, 0.05, 0.95),
             random_values<T>(n, 3, 0.05, 0.95)},
        device{test.template upload<T>(host[0]), test.template upload<T>(host[1]),
               test.template upload<T>(host[2])} {
    in.n = n;
    for (int k = 0; k < 3; ++k) in.operand[k] = device[k].data();
    in.parameter[0] = static_cast<T>(kFirst), in.parameter[1] = static_cast<T>(kSecond);
  }
  double value(const Formula& f, int64_t i, int moved, double by) const {
    double v[3];
    for (int k = 0; k < 3; ++k) v[k] = double(host[k][i]) + (k == moved ? by : 0);
    return f(v[0], v[1], v[2]);
  }
  /// A finite difference; kinks are narrow enough for the values above not to meet one.
  double slope(const Formula& f, int64_t i, int k) const {
    constexpr double kStep = 1e-6;
    return (value(f, i, k, kStep) - value(f, i, k, -kStep)) / (2 * kStep);
  }

  std::vector<T> host[3];
  DeviceBuffer<typename Backend::Stream, T> device[3];
  PointwiseLossInputs<T> in;
};

template <class T, class Backend>
void check(const KernelTest<Backend>& test, int64_t n, PointwiseLoss op, const Case& c) {
  const Operands<T, Backend> x(test, n);
  const std::string what = "loss " + std::to_string(int(op)) + " of " + std::to_string(n);
  std::vector<double> values;
  double sum = 0;
  for (int64_t i = 0; i < n; ++i)
    values.push_back(x.value(c.value, i, -1, 0)), sum += values.back();
  auto each = test.template unset<T>(n);
  auto one = test.template unset<T>(1);
  pointwise_loss_forward(test.stream, op, LossReduction::none, x.in, each.data());
  expect_close(each.to_host(), values, 8 * kEpsilon<T>, 8 * kEpsilon<T>, what);
  pointwise_loss_forward(test.stream, op, LossReduction::sum, x.in, one.data());
  expect_close(one.to_host(), {sum}, 8 * kEpsilon<T> * double(n), 8 * kEpsilon<T>, what);
  pointwise_loss_forward(test.stream, op, LossReduction::mean, x.in, one.data());
  expect_close(one.to_host(), {sum / double(n)}, 8 * kEpsilon<T>, 8 * kEpsilon<T>, what + " mean");

  const auto g_values = random_values<T>(std::max<int64_t>(n, 1), 4);
  auto g = test.template upload<T>(g_values);
  for (int k = 0; k < c.gradients; ++k)
    for (const auto reduction : {LossReduction::none, LossReduction::mean, LossReduction::sum}) {
      pointwise_loss_backward(test.stream, op, reduction, k, x.in, g.data(), each.data());
      std::vector<double> expected;
      for (int64_t i = 0; i < n; ++i)
        expected.push_back(x.slope(c.value, i, k) *
                           double(g_values[reduction == LossReduction::none ? i : 0]) /
                           (reduction == LossReduction::mean ? double(n) : 1));
      // Finite differences carry nine digits; slopes grow to 20.
      expect_close(each.to_host(), expected, 1e-8 + 32 * kEpsilon<T>, 1e-8 + 8 * kEpsilon<T>,
                   what + " by " + std::to_string(k));
    }
}

TYPED_TEST(PointwiseLossTest, FollowsTheFormulas) {
  for (const auto& [op, c] : cases())
    for (const int64_t n : {0, 1, 33, 1025}) {
      check<float>(*this, n, op, c);
      check<double>(*this, n, op, c);
    }
}

/// Enough for several blocks, at an address that packs do not take.
TYPED_TEST(PointwiseLossTest, ManyElements) {
  const int64_t n = 40001;
  const auto values = random_values<float>(n + 1, 1);
  auto x = this->template upload<float>(values);
  auto y = this->template upload<float>(std::vector<float>(n + 1, 0.0f));
  auto loss = this->template unset<float>(1);
  for (const int64_t offset : {0, 1}) {
    PointwiseLossInputs<float> in;
    in.n = n;
    in.operand[0] = x.data() + offset, in.operand[1] = y.data() + offset;
    double sum = 0;
    for (int64_t i = 0; i < n; ++i) sum += double(values[i + offset]) * double(values[i + offset]);
    pointwise_loss_forward(this->stream, PointwiseLoss::mse, LossReduction::sum, in, loss.data());
    expect_close(loss.to_host(), {sum}, 0, 2 * kEpsilon<float>, "sum of many");
  }
}

/// Gaussian variances have a derivative, above the bound the formula's and below it that at the
/// bound.
TYPED_TEST(PointwiseLossTest, Variances) {
  const std::vector<double> var = {0.25, 1, 2};
  auto x = this->template upload<double>({1, 1, 1});
  auto y = this->template upload<double>({3, 3, 3});
  auto s = this->template upload<double>(var);
  auto g = this->template upload<double>({3});
  auto ds = this->template unset<double>(3);
  PointwiseLossInputs<double> in;
  in.n = 3;
  in.operand[0] = x.data(), in.operand[1] = y.data(), in.operand[2] = s.data();
  in.parameter[0] = 0.5;
  pointwise_loss_backward(this->stream, PointwiseLoss::gaussian_nll, LossReduction::mean, 2, in,
                          g.data(), ds.data());
  expect_close(ds.to_host(), {0.5 * (1 - 8) / 0.5, 0.5 * (1 - 4), 0.5 * (1 - 2.0) / 2}, 1e-15,
               1e-15, "variances");
}

}  // namespace
}  // namespace cuttle::test
