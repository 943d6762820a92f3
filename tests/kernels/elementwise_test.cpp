// Kernels of the elementwise table: well-known operations against double on the host. (Every row:
// elementwise_rows_test.cpp.)
#include <cuttle/kernels/elementwise.h>

#include <functional>
#include <limits>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using ElementwiseTest = KernelTest<Backend>;
TYPED_TEST_SUITE(ElementwiseTest, Backends, BackendName);

template <class T, class Stream>
void unary(Stream stream, Elementwise op, const StridedLoop<2>& loop, const T* x, T* out) {
  elementwise<T, 1>(stream, op, 0, loop, {{x}}, out);
}
template <class T, class Stream>
void binary_scalar(Stream stream, Elementwise op, const StridedLoop<2>& loop, const T* x, T scalar,
                   bool scalar_first, T* out) {
  ElementwiseInputs<T, 2> in;
  in.at[scalar_first ? 1 : 0] = x;
  in.number[scalar_first ? 0 : 1] = scalar;
  StridedLoop<3> wide;  // the number's strides are 0
  wide.rank = loop.rank;
  for (int d = 0; d < loop.rank; ++d) {
    wide.sizes[d] = loop.sizes[d];
    wide.strides[scalar_first ? 1 : 0][d] = loop.strides[0][d];
    wide.strides[2][d] = loop.strides[1][d];
  }
  elementwise<T, 2>(stream, op, 0, wide, in, out);
}
template <class T, class Stream>
void compare(Stream stream, Elementwise op, const StridedLoop<3>& loop, const T* a, const T* b,
             bool* out) {
  elementwise<T, 2>(stream, op, 0, loop, {{a, b}}, out);
}

/// Shapes of loops over (x, out): plain, broadcast, transposed, three-dimensional with gaps.
std::vector<StridedLoop<2>> unary_loops() {
  std::vector<StridedLoop<2>> loops;
  for (int64_t n : kSizes) loops.push_back({1, {n}, {{1}, {1}}});
  loops.push_back({0, {}, {}});                                       // one element
  loops.push_back({1, {70}, {{0}, {1}}});                             // broadcast
  loops.push_back({2, {33, 31}, {{1, 33}, {31, 1}}});                 // transposed input
  loops.push_back({2, {33, 31}, {{31, 1}, {1, 33}}});                 // transposed output
  loops.push_back({3, {5, 7, 33}, {{700, 80, 2}, {7 * 33, 33, 1}}});  // gaps
  return loops;
}

double unary_oracle(Elementwise op, double x) {
  switch (op) {
    case Elementwise::neg:
      return -x;
    case Elementwise::abs:
      return std::abs(x);
    case Elementwise::exp:
      return std::exp(x);
    case Elementwise::log:
      return std::log(x);
    case Elementwise::sqrt:
      return std::sqrt(x);
    case Elementwise::relu:
      return x > 0 ? x : std::isnan(x) ? x : 0;
    case Elementwise::sigmoid:
      return 1 / (1 + std::exp(-x));
    case Elementwise::tanh:
      return std::tanh(x);
    default:
      return NAN;
  }
}

double binary_oracle(Elementwise op, double a, double b) {
  switch (op) {
    case Elementwise::add:
      return a + b;
    case Elementwise::sub:
      return a - b;
    case Elementwise::mul:
      return a * b;
    case Elementwise::div:
      return a / b;
    case Elementwise::maximum:
      return std::isnan(a) || std::isnan(b) ? NAN : std::max(a, b);
    case Elementwise::minimum:
      return std::isnan(a) || std::isnan(b) ? NAN : std::min(a, b);
    case Elementwise::pow:
      return std::pow(a, b);
    case Elementwise::masked:
      return b != 0 ? a : 0;
    default:
      return NAN;
  }
}

constexpr Elementwise kUnary[] = {Elementwise::neg,     Elementwise::abs,  Elementwise::exp,
                                  Elementwise::log,     Elementwise::sqrt, Elementwise::relu,
                                  Elementwise::sigmoid, Elementwise::tanh};
constexpr Elementwise kBinary[] = {Elementwise::add, Elementwise::sub,     Elementwise::mul,
                                   Elementwise::div, Elementwise::maximum, Elementwise::minimum,
                                   Elementwise::pow, Elementwise::masked};

template <class T, class Backend>
void check_unary(const KernelTest<Backend>& test, Elementwise op, const StridedLoop<2>& loop) {
  const bool positive = op == Elementwise::log || op == Elementwise::sqrt;
  const auto values = random_values<T>(extent(loop, 0), 1, positive ? 0.01 : -3, 3);
  auto x = test.template upload<T>(values);
  auto out = test.template unset<T>(extent(loop, 1));
  unary<T>(test.stream, op, loop, x.data(), out.data());
  const auto result = out.to_host();
  std::vector<T> actual;
  std::vector<double> expected;
  for_each_element(loop, [&](const int64_t* at) {
    actual.push_back(result[at[1]]);
    expected.push_back(unary_oracle(op, values[at[0]]));
  });
  // Functions of the C library and of CUDA are good to a few units in the last place; log near 1
  // has a small result of large inputs.
  expect_close(
      actual, expected, 4 * kEpsilon<T>, 8 * kEpsilon<T>,
      "unary " + std::to_string(static_cast<int>(op)) + " of " + std::to_string(loop.numel()));
}

TYPED_TEST(ElementwiseTest, UnaryFollowsTheOracleInEveryLayout) {
  for (const auto& loop : unary_loops())
    for (Elementwise op : kUnary) {
      check_unary<float>(*this, op, loop);
      check_unary<double>(*this, op, loop);
    }
}

/// Loops over (a, b, out): plain, rows and columns broadcast, transposed.
std::vector<StridedLoop<3>> binary_loops() {
  std::vector<StridedLoop<3>> loops;
  for (int64_t n : kSizes) loops.push_back({1, {n}, {{1}, {1}, {1}}});
  loops.push_back({0, {}, {}});
  loops.push_back({2, {33, 31}, {{31, 1}, {0, 1}, {31, 1}}});
  loops.push_back({2, {33, 31}, {{31, 1}, {1, 0}, {31, 1}}});
  loops.push_back({2, {33, 31}, {{0, 1}, {1, 0}, {1, 33}}});
  loops.push_back({4, {3, 4, 5, 6}, {{1, 3, 12, 60}, {120, 30, 6, 1}, {120, 30, 6, 1}}});
  return loops;
}

template <class T, class Backend>
void check_binary(const KernelTest<Backend>& test, Elementwise op, const StridedLoop<3>& loop) {
  const bool power = op == Elementwise::pow;
  const auto a_values = random_values<T>(extent(loop, 0), 2, power ? 0.2 : -3, 3);
  const auto b_values = random_values<T>(extent(loop, 1), 3, op == Elementwise::div ? 0.3 : -3, 3);
  auto a = test.template upload<T>(a_values);
  auto b = test.template upload<T>(b_values);
  auto out = test.template unset<T>(extent(loop, 2));
  binary<T>(test.stream, op, loop, a.data(), b.data(), out.data());
  const auto result = out.to_host();
  std::vector<T> actual;
  std::vector<double> expected;
  for_each_element(loop, [&](const int64_t* at) {
    actual.push_back(result[at[2]]);
    expected.push_back(binary_oracle(op, a_values[at[0]], b_values[at[1]]));
  });
  expect_close(
      actual, expected, 2 * kEpsilon<T>, 16 * kEpsilon<T>,  // CUDA's powf: 4 units, twice
      "binary " + std::to_string(static_cast<int>(op)) + " of " + std::to_string(loop.numel()));
}

TYPED_TEST(ElementwiseTest, BinaryFollowsTheOracleInEveryLayout) {
  for (const auto& loop : binary_loops())
    for (Elementwise op : kBinary) {
      check_binary<float>(*this, op, loop);
      check_binary<double>(*this, op, loop);
    }
}

TYPED_TEST(ElementwiseTest, ArraysThatAreNotAlignedGiveTheSame) {
  const auto a_values = random_values<float>(1030, 4), b_values = random_values<float>(1030, 5);
  auto a = this->template upload<float>(a_values);
  auto b = this->template upload<float>(b_values);
  auto out = this->template unset<float>(1030);
  const StridedLoop<3> loop = {1, {1025}, {{1}, {1}, {1}}};
  binary<float>(this->stream, Elementwise::sub, loop, a.data() + 1, b.data() + 2, out.data() + 3);
  const auto result = out.to_host();
  for (int i = 0; i < 1025; ++i) EXPECT_EQ(result[i + 3], a_values[i + 1] - b_values[i + 2]) << i;
  EXPECT_TRUE(std::isnan(result[2])) << "an element before the output was written";
  EXPECT_TRUE(std::isnan(result[1028])) << "an element after the output was written";
}

TYPED_TEST(ElementwiseTest, OutputMayBeAnInput) {
  const auto values = random_values<float>(4133, 6);
  auto x = this->template upload<float>(values);
  binary<float>(this->stream, Elementwise::add, {1, {4133}, {{1}, {1}, {1}}}, x.data(), x.data(),
                x.data());
  const auto result = x.to_host();
  for (size_t i = 0; i < values.size(); ++i) ASSERT_EQ(result[i], 2 * values[i]) << i;
}

TYPED_TEST(ElementwiseTest, ScalarComesFirstOrSecond) {
  const auto values = random_values<double>(1025, 7, 0.5, 2);
  auto x = this->template upload<double>(values);
  auto out = this->template unset<double>(1025);
  for (Elementwise op : kBinary)
    for (bool first : {false, true}) {
      binary_scalar<double>(this->stream, op, {1, {1025}, {{1}, {1}}}, x.data(), 1.5, first,
                            out.data());
      std::vector<double> expected;
      for (double v : values)
        expected.push_back(first ? binary_oracle(op, 1.5, v) : binary_oracle(op, v, 1.5));
      expect_close(out.to_host(), expected, 1e-15, 1e-14, "scalar");
    }
}

TYPED_TEST(ElementwiseTest, NaNPassesThroughMaximumMinimumAndRelu) {
  const float nan = NAN;
  auto a = this->template upload<float>({nan, 1, nan, 2});
  auto b = this->template upload<float>({1, nan, nan, 3});
  auto out = this->template unset<float>(4);
  for (Elementwise op : {Elementwise::maximum, Elementwise::minimum}) {
    binary<float>(this->stream, op, {1, {4}, {{1}, {1}, {1}}}, a.data(), b.data(), out.data());
    const auto result = out.to_host();
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(std::isnan(result[i])) << i;
    EXPECT_EQ(result[3], op == Elementwise::maximum ? 3 : 2);
  }
  unary<float>(this->stream, Elementwise::relu, {1, {4}, {{1}, {1}}}, a.data(), out.data());
  EXPECT_TRUE(std::isnan(out.to_host()[0]));
}

template <class T, class Backend>
std::vector<T> binary_of(const KernelTest<Backend>& test, Elementwise op, const std::vector<T>& a,
                         const std::vector<T>& b) {
  auto x = test.template upload<T>(a), y = test.template upload<T>(b);
  auto out = test.template unset<T>(a.size());
  const auto n = static_cast<int64_t>(a.size());
  binary<T>(test.stream, op, {1, {n}, {{1}, {1}, {1}}}, x.data(), y.data(), out.data());
  return out.to_host();
}

TYPED_TEST(ElementwiseTest, IntegersWrapTruncateAndRaise) {
  using I = std::vector<int32_t>;
  using L = std::vector<int64_t>;
  using B = std::vector<uint8_t>;
  constexpr int32_t kMost = std::numeric_limits<int32_t>::max(), kLeast = -kMost - 1;
  EXPECT_EQ(binary_of<int32_t>(*this, Elementwise::add, {kMost, -3}, {1, 5}), (I{kLeast, 2}));
  EXPECT_EQ(binary_of<int32_t>(*this, Elementwise::div_trunc, {-7, 7, kLeast}, {2, -2, -1}),
            (I{-3, -3, kLeast}));
  EXPECT_EQ(binary_of<int64_t>(*this, Elementwise::pow, {2, -3, 5, -1, 1}, {62, 3, -1, -3, -2}),
            (L{int64_t{1} << 62, -27, 0, -1, 1}));
  EXPECT_EQ(binary_of<uint8_t>(*this, Elementwise::sub, {3, 200}, {5, 100}), (B{254, 100}));
  EXPECT_EQ(binary_of<uint8_t>(*this, Elementwise::mul, {16, 3}, {17, 5}), (B{16, 15}));
  EXPECT_EQ(binary_of<int32_t>(*this, Elementwise::masked, {4, 5, 6}, {1, 0, -1}), (I{4, 0, 6}));
}

TYPED_TEST(ElementwiseTest, IntegerElementwiseerations) {
  auto x = this->template upload<int64_t>({-5, 0, 7});
  auto out = this->template unset<int64_t>(3);
  const StridedLoop<2> loop = {1, {3}, {{1}, {1}}};
  unary<int64_t>(this->stream, Elementwise::neg, loop, x.data(), out.data());
  EXPECT_EQ(out.to_host(), (std::vector<int64_t>{5, 0, -7}));
  unary<int64_t>(this->stream, Elementwise::abs, loop, x.data(), out.data());
  EXPECT_EQ(out.to_host(), (std::vector<int64_t>{5, 0, 7}));
  unary<int64_t>(this->stream, Elementwise::relu, loop, x.data(), out.data());
  EXPECT_EQ(out.to_host(), (std::vector<int64_t>{0, 0, 7}));
  EXPECT_THROW(unary<int64_t>(this->stream, Elementwise::exp, loop, x.data(), out.data()), Error);
}

TYPED_TEST(ElementwiseTest, BoolAddIsOrAndMulIsAnd) {
  auto a = this->template upload<bool>({0, 0, 1, 1});
  auto b = this->template upload<bool>({0, 1, 0, 1});
  auto out = this->template unset<bool>(4);
  const StridedLoop<3> loop = {1, {4}, {{1}, {1}, {1}}};
  using Bytes = std::vector<unsigned char>;
  binary<bool>(this->stream, Elementwise::add, loop, a.data(), b.data(), out.data());
  EXPECT_EQ(out.to_host(), (Bytes{0, 1, 1, 1}));
  binary<bool>(this->stream, Elementwise::mul, loop, a.data(), b.data(), out.data());
  EXPECT_EQ(out.to_host(), (Bytes{0, 0, 0, 1}));
  EXPECT_THROW(binary<bool>(this->stream, Elementwise::pow, loop, a.data(), b.data(), out.data()),
               Error);
}

template <class T, class Backend>
void check_compare(const KernelTest<Backend>& test) {
  for (int64_t n : kSizes) {
    std::vector<T> a_values, b_values;
    for (int64_t i = 0; i < n; ++i) {
      a_values.push_back(static_cast<T>(i % 7));
      b_values.push_back(static_cast<T>(i % 5));
    }
    auto a = test.template upload<T>(a_values), b = test.template upload<T>(b_values);
    auto out = test.template unset<bool>(n);
    const auto check = [&](Elementwise op, auto oracle) {
      compare<T>(test.stream, op, {1, {n}, {{1}, {1}, {1}}}, a.data(), b.data(), out.data());
      const auto result = out.to_host();
      for (int64_t i = 0; i < n; ++i)
        ASSERT_EQ(result[i], oracle(a_values[i], b_values[i])) << i << " of " << n;
    };
    check(Elementwise::eq, std::equal_to<T>());
    check(Elementwise::ne, std::not_equal_to<T>());
    check(Elementwise::lt, std::less<T>());
    check(Elementwise::le, std::less_equal<T>());
    check(Elementwise::gt, std::greater<T>());
    check(Elementwise::ge, std::greater_equal<T>());
  }
}

TYPED_TEST(ElementwiseTest, ComparisonsOfEveryType) {
  check_compare<float>(*this);
  check_compare<double>(*this);
  check_compare<int64_t>(*this);
  check_compare<int32_t>(*this);
  check_compare<int16_t>(*this);
  check_compare<int8_t>(*this);
  check_compare<uint8_t>(*this);
}

TYPED_TEST(ElementwiseTest, NothingEqualsNaN) {
  auto x = this->template upload<double>({NAN, 1});
  auto out = this->template unset<bool>(2);
  compare<double>(this->stream, Elementwise::eq, {1, {2}, {{1}, {1}, {1}}}, x.data(), x.data(),
                  out.data());
  EXPECT_EQ(out.to_host(), (std::vector<unsigned char>{0, 1}));
}

}  // namespace
}  // namespace cuttle::test
