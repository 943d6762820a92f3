// Cross-entropy where digits are easily lost: large logits, infinities and NaN. Values are
// PyTorch's: torch.nn.functional.cross_entropy(x, target, reduction="none") and x.grad of its sum.
#include <cuttle/kernels/cross_entropy.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using CrossEntropyValuesTest = KernelTest<Backend>;
TYPED_TEST_SUITE(CrossEntropyValuesTest, Backends, BackendName);

template <class T>
struct Result {
  std::vector<T> loss, dx;
};

/// Losses of the rows and the gradient of their sum.
template <class T, class Backend>
Result<T> run(const KernelTest<Backend>& test, CrossEntropyShape s, const std::vector<T>& x_values,
              const std::vector<int64_t>& targets, const std::vector<T>& weights = {}) {
  s.rows = static_cast<int64_t>(targets.size());
  s.classes = static_cast<int64_t>(x_values.size()) / s.rows;
  s.reduction = LossReduction::none;
  auto x = test.template upload<T>(x_values);
  auto target = test.template upload<int64_t>(targets);
  auto weight = test.template upload<T>(weights);
  auto loss = test.template unset<T>(s.rows), terms = test.template unset<T>(2 * s.rows);
  auto total = test.template unset<T>(1), dx = test.template unset<T>(x_values.size());
  auto dloss = test.template upload<T>(std::vector<T>(s.rows, 1));
  const T* const weight_there = weights.empty() ? nullptr : weight.data();
  cross_entropy_forward<T>(test.stream, s, x.data(), target.data(), weight_there, loss.data(),
                           terms.data(), total.data());
  const CrossEntropySaved<T> saved{x.data(), target.data(), weight_there, terms.data(),
                                   total.data()};
  cross_entropy_backward<T>(test.stream, s, saved, dloss.data(), dx.data());
  return {loss.to_host(), dx.to_host()};
}

template <class T, class Backend>
void check_constant_rows(const KernelTest<Backend>& test) {
  for (const double c : {0.0, 1e4, 1e6, 1e7, 1e8, -1e8, 1e30}) {
    const auto found = run<T>(test, {}, std::vector<T>(4, static_cast<T>(c)), {1});
    expect_close(found.loss, {std::log(4.0)}, 0, 2 * kEpsilon<T>, "loss at " + std::to_string(c));
    expect_close(found.dx, {0.25, -0.75, 0.25, 0.25}, 2 * kEpsilon<T>, 0,
                 "dx at " + std::to_string(c));
  }
}

TYPED_TEST(CrossEntropyValuesTest, EqualLogitsOfAnySizeGiveEqualProbabilities) {
  check_constant_rows<float>(*this);
  check_constant_rows<double>(*this);
}

/// A shift that rounds nothing changes no bit of anything.
template <class T, class Backend>
void check_shift(const KernelTest<Backend>& test, T shift) {
  const std::vector<T> x = {0, 1, -2.125, 3.5, 0.25, -7, 4, 4, 4, 1.5, -0.5, 2};
  std::vector<T> shifted;
  for (const T value : x) shifted.push_back(value + shift);
  for (const double smoothing : {0.0, 0.1})
    for (const std::vector<T>& weight : {std::vector<T>{}, std::vector<T>{0.5, 2, 1, 3}}) {
      const CrossEntropyShape s{.label_smoothing = smoothing};
      const auto expected = run<T>(test, s, x, {3, 0, 2}, weight);
      const auto found = run<T>(test, s, shifted, {3, 0, 2}, weight);
      EXPECT_EQ(found.loss, expected.loss) << shift << ", smoothing " << smoothing;
      EXPECT_EQ(found.dx, expected.dx) << shift << ", smoothing " << smoothing;
    }
}

TYPED_TEST(CrossEntropyValuesTest, AShiftOfARowChangesNothing) {
  for (const float shift : {0x1p10f, 0x1p19f, -0x1p19f}) check_shift<float>(*this, shift);
  for (const double shift : {0x1p20, 0x1p48, -0x1p48}) check_shift<double>(*this, shift);
}

constexpr float kInf = INFINITY, kNan = NAN;

TYPED_TEST(CrossEntropyValuesTest, InfinitiesAndNaNAreThoseOfPyTorch) {
  const std::vector<float> x = {
      -kInf, 0,     1,      // target −inf
      0,     -kInf, 1,      // another −inf
      -kInf, -kInf, -kInf,  // nothing else
      0,     kInf,  1,      // +inf
      0,     kNan,  1,      // NaN
      kNan,  0,     1,      // NaN first
      -kInf, -kInf, 5,      // one class left
  };
  const auto found = run<float>(*this, {}, x, {0, 0, 1, 1, 0, 1, 2});
  expect_close(found.loss, {kInf, 1.31326168, kNan, kNan, kNan, kNan, 0}, 0, 2e-7, "loss");
  const double p = 0.26894143, q = 0.73105860;
  expect_close(found.dx, {-1,    p,    q,     //
                          p - 1, 0,    q,     //
                          kNan,  kNan, kNan,  //
                          kNan,  kNan, kNan,  //
                          kNan,  kNan, kNan,  //
                          kNan,  kNan, kNan,  //
                          0,     0,    0},
               2e-7, 0, "dx");
}

TYPED_TEST(CrossEntropyValuesTest, SmoothedInfinitiesAreThoseOfPyTorch) {
  const CrossEntropyShape s{.label_smoothing = 0.1};
  const auto found = run<float>(*this, s, {0, -kInf, 1, 0, kNan, 1}, {0, 0});
  expect_close(found.loss, {kInf, kNan}, 0, 0, "loss");
  expect_close(found.dx,
               {0.26894143 - 0.1 / 3 - 0.9, -0.1 / 3, 0.73105860 - 0.1 / 3,  //
                kNan, kNan, kNan},
               2e-7, 0, "dx");
}

TYPED_TEST(CrossEntropyValuesTest, IgnoredRowsCountForNothingUnlessTheyHoldNaN) {
  const CrossEntropyShape s{.ignore_index = 2};
  const auto found =
      run<float>(*this, s, {0, 1, 2, -kInf, 0, 1, 0, kNan, 1, 3, 3, kInf}, {2, 2, 2, 2});
  expect_close(found.loss, {0, 0, 0, 0}, 0, 0, "loss");
  expect_close(found.dx, {0, 0, 0, 0, 0, 0, kNan, kNan, kNan, kNan, kNan, kNan}, 0, 0, "dx");
}

}  // namespace
}  // namespace cuttle::test
