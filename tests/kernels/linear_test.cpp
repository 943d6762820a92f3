// The linear layer and its gradients against loops in more than double precision.
#include <cuttle/kernels/linear.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using LinearTest = KernelTest<Backend>;
TYPED_TEST_SUITE(LinearTest, Backends, BackendName);

/// Σ_k a[k · step_a] · b[k · step_b] + start.
template <class T>
double dot(const T* a, int64_t step_a, const T* b, int64_t step_b, int64_t n, T start = 0) {
  long double sum = start;
  for (int64_t k = 0; k < n; ++k)
    sum += static_cast<long double>(a[k * step_a]) * static_cast<long double>(b[k * step_b]);
  return static_cast<double>(sum);
}

/// The inputs of one layer and what its kernels make of them.
template <class T, class Backend>
struct Layer {
  /// Each array begins `misalignment` elements into its memory.
  Layer(const KernelTest<Backend>& test_, const LinearShape& shape, int64_t misalignment_ = 0)
      : test(test_),
        s(shape),
        misalignment(misalignment_),
        x(values(s.rows * s.in, 1)),
        weight(values(s.out * s.in, 2)),
        bias(values(s.out, 3)),
        dy(values(s.rows * s.out, 4)) {}

  std::vector<T> values(int64_t count, unsigned seed) const {
    return random_values<T>(static_cast<size_t>(count + misalignment), seed);
  }
  auto unset(int64_t count) const {  // NaN: has to be written
    return test.template unset<T>(static_cast<size_t>(count + misalignment));
  }
  std::vector<T> tail(std::vector<T> host) const {
    host.erase(host.begin(), host.begin() + misalignment);
    return host;
  }

  std::vector<T> forward(bool with_bias) const {
    auto from_x = test.template upload<T>(x), from_weight = test.template upload<T>(weight);
    auto from_bias = test.template upload<T>(bias);
    auto y = unset(s.rows * s.out);
    linear_forward<T>(
        test.stream, s, from_x.data() + misalignment, from_weight.data() + misalignment,
        with_bias ? from_bias.data() + misalignment : nullptr, y.data() + misalignment);
    return tail(y.to_host());
  }

  struct Gradients {
    std::vector<T> dx, dweight, dbias;
    bool operator==(const Gradients&) const = default;
  };
  Gradients backward(bool want_dx = true, bool want_dweight = true, bool want_dbias = true) const {
    auto from_x = test.template upload<T>(x), from_weight = test.template upload<T>(weight);
    auto from_dy = test.template upload<T>(dy);
    auto dx = unset(s.rows * s.in), dweight = unset(s.out * s.in), dbias = unset(s.out);
    LinearGradients<T> wanted;
    if (want_dx) wanted.dx = dx.data() + misalignment;
    if (want_dweight) wanted.dweight = dweight.data() + misalignment;
    if (want_dbias) wanted.dbias = dbias.data() + misalignment;
    linear_backward<T>(test.stream, s, from_x.data() + misalignment,
                       from_weight.data() + misalignment, from_dy.data() + misalignment, wanted);
    return {tail(dx.to_host()), tail(dweight.to_host()), tail(dbias.to_host())};
  }

  void check_forward(bool with_bias) const {
    const T *const px = x.data() + misalignment, *const pw = weight.data() + misalignment;
    std::vector<double> expected;
    for (int64_t r = 0; r < s.rows; ++r)
      for (int64_t o = 0; o < s.out; ++o)
        expected.push_back(dot(px + r * s.in, 1, pw + o * s.in, 1, s.in,
                               with_bias ? bias[static_cast<size_t>(o + misalignment)] : T(0)));
    expect_sums(forward(with_bias), expected, s.in, "y");
  }

  void check_backward(bool want_dx = true, bool want_dweight = true, bool want_dbias = true) const {
    const T *const px = x.data() + misalignment, *const pw = weight.data() + misalignment;
    const T *const pg = dy.data() + misalignment, one = 1;
    std::vector<double> dx, dweight, dbias;
    for (int64_t r = 0; r < s.rows; ++r)
      for (int64_t i = 0; i < s.in; ++i)
        dx.push_back(want_dx ? dot(pg + r * s.out, 1, pw + i, s.in, s.out) : std::nan(""));
    for (int64_t o = 0; o < s.out; ++o)
      for (int64_t i = 0; i < s.in; ++i)
        dweight.push_back(want_dweight ? dot(pg + o, s.out, px + i, s.in, s.rows) : std::nan(""));
    for (int64_t o = 0; o < s.out; ++o)
      dbias.push_back(want_dbias ? dot(pg + o, s.out, &one, 0, s.rows) : std::nan(""));
    const Gradients actual = backward(want_dx, want_dweight, want_dbias);
    expect_sums(actual.dx, dx, s.out, "dx");
    expect_sums(actual.dweight, dweight, s.rows, "dweight");
    expect_sums(actual.dbias, dbias, s.rows, "dbias");
  }

  /// k products of numbers below 1, as in gemm_test.cpp.
  void expect_sums(const std::vector<T>& actual, const std::vector<double>& expected, int64_t k,
                   const std::string& what) const {
    expect_close(actual, expected, kEpsilon<T> * (4 + static_cast<double>(k) / 2), 4 * kEpsilon<T>,
                 what + " of " + std::to_string(s.rows) + " x " + std::to_string(s.in) + " -> " +
                     std::to_string(s.out));
  }

  const KernelTest<Backend>& test;
  LinearShape s;
  int64_t misalignment;
  std::vector<T> x, weight, bias, dy;  // x (rows, in), weight (out, in), bias (out), dy (rows, out)
};

template <class T, class Backend>
void check(const KernelTest<Backend>& test, const LinearShape& shape, int64_t misalignment = 0) {
  const Layer<T, Backend> layer(test, shape, misalignment);
  layer.check_forward(true);
  layer.check_forward(false);
  layer.check_backward();
}

TYPED_TEST(LinearTest, OddSizes) {
  for (const LinearShape& shape : {LinearShape{1, 1, 1}, LinearShape{31, 33, 5},
                                   LinearShape{33, 31, 65}, LinearShape{2, 1025, 3}}) {
    check<float>(*this, shape);
    check<double>(*this, shape);
  }
}

TYPED_TEST(LinearTest, SizesThatSixteenByteAccessesFit) {
  for (const LinearShape& shape : {LinearShape{64, 64, 10}, LinearShape{9, 132, 66}}) {
    check<float>(*this, shape);
    check<double>(*this, shape);
  }
}

TYPED_TEST(LinearTest, TheTutorialNetworksLayer) {
  check<float>(*this, {64, 1024, 64});
}

TYPED_TEST(LinearTest, SumsOfSeveralRounds) {
  check<float>(*this, {130, 12, 3});
  check<float>(*this, {3, 12, 130});
  check<float>(*this, {5, 2052, 2});
  check<double>(*this, {70, 6, 3});
}

TYPED_TEST(LinearTest, TooLargeForTheSmallKernels) {  // by sums, and by products
  check<float>(*this, {1025, 4, 3});
  check<float>(*this, {3, 4100, 1});
  Layer<float, TypeParam>(*this, {260, 260, 130}).check_forward(true);
}

TYPED_TEST(LinearTest, EmptySizes) {
  check<float>(*this, {0, 3, 2});
  check<float>(*this, {3, 0, 2});
  check<float>(*this, {3, 2, 0});
}

TYPED_TEST(LinearTest, PointersThatAreNotAligned) {
  check<float>(*this, {10, 64, 12}, 1);
  check<double>(*this, {10, 64, 12}, 1);
}

TYPED_TEST(LinearTest, EachGradientAlone) {  // the others stay NaN
  const Layer<float, TypeParam> layer(*this, {9, 36, 11});
  for (const bool dx : {false, true})
    for (const bool dweight : {false, true})
      for (const bool dbias : {false, true}) layer.check_backward(dx, dweight, dbias);
}

TYPED_TEST(LinearTest, TwoRunsGiveTheSameBits) {
  const Layer<float, TypeParam> layer(*this, {33, 516, 10});
  EXPECT_EQ(layer.forward(true), layer.forward(true));
  EXPECT_EQ(layer.backward(), layer.backward());
}

}  // namespace
}  // namespace cuttle::test
