// Unary, binary, scalar operations and comparisons against loops in double, in every layout.
#include <cuttle/core/ops/arithmetic.h>

#include <cmath>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class Elementwise : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(Elementwise);

// Few units in the last place of the result; float functions are allowed 4 (CUDA's bound for expf
// and powf is of that size).
double rtol(DType dtype) {
  return dtype == float32 ? 1e-6 : 1e-14;
}

struct Unary {
  const char* name;
  Tensor (Tensor::*op)() const;
  double (*oracle)(double);
  double low, high;
};

const Unary kUnary[] = {
    {"neg", &Tensor::neg, [](double x) { return -x; }, -2, 2},
    {"abs", &Tensor::abs, [](double x) { return std::abs(x); }, -2, 2},
    {"exp", &Tensor::exp, [](double x) { return std::exp(x); }, -2, 2},
    {"log", &Tensor::log, [](double x) { return std::log(x); }, 1.5, 4},
    {"sqrt", &Tensor::sqrt, [](double x) { return std::sqrt(x); }, 0, 2},
    {"relu", &Tensor::relu, [](double x) { return x > 0 ? x : 0; }, -2, 2},
    {"sigmoid", &Tensor::sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }, -2, 2},
    {"tanh", &Tensor::tanh, [](double x) { return std::tanh(x); }, -2, 2},
};

TEST_P(Elementwise, UnaryAgreesWithLoops) {
  for (const Unary& op : kUnary)
    for (const DType dtype : {float32, float64})
      for (const Shape& shape : common_shapes())
        for (const auto& [layout, x] : layouts(shape, device(), dtype, op.low, op.high)) {
          std::vector<double> expected = x.to_vector<double>();
          for (double& value : expected) value = op.oracle(value);
          const Tensor y = (x.*op.op)();
          EXPECT_EQ(y.dtype(), dtype);
          EXPECT_EQ(y.shape(), shape);
          expect_near(y, expected, 1e-7 * (dtype == float32), rtol(dtype),
                      std::string(op.name) + " " + shape.str() + " " + layout);
        }
}

TEST_P(Elementwise, UnaryOfIntegers) {
  const Tensor x = tensor<int64_t>({-3, 0, 2}).to(device());
  EXPECT_EQ(x.neg().to_vector<int64_t>(), (std::vector<int64_t>{3, 0, -2}));
  EXPECT_EQ(x.abs().to_vector<int64_t>(), (std::vector<int64_t>{3, 0, 2}));
  EXPECT_EQ(x.relu().to_vector<int64_t>(), (std::vector<int64_t>{0, 0, 2}));
  EXPECT_EQ(x.exp().dtype(), float32);  // of its float32 values, as in PyTorch
  expect_near(x.exp(), {std::exp(-3.0), 1, std::exp(2.0)}, 0, 1e-6, "exp of int64");
  EXPECT_EQ(x.abs().dtype(), int64);
}

TEST_P(Elementwise, SpecialValues) {
  const double inf = INFINITY;
  const Tensor x = tensor({-inf, inf, 0.0, -1.0, double{NAN}}).to(device());
  const auto relu = x.relu().to_vector<double>();
  EXPECT_EQ(relu[0], 0);
  EXPECT_EQ(relu[1], inf);
  EXPECT_TRUE(std::isnan(relu[4]));
  EXPECT_EQ(x.exp().to_vector<double>()[0], 0);
  EXPECT_TRUE(std::isnan(x.log().to_vector<double>()[3]));
  EXPECT_EQ(x.log().to_vector<double>()[2], -inf);
  EXPECT_EQ(x.sigmoid().to_vector<double>()[0], 0);
  EXPECT_EQ(x.sigmoid().to_vector<double>()[1], 1);
  EXPECT_TRUE(std::isnan(maximum(x, zeros_like(x)).to_vector<double>()[4]));
  EXPECT_TRUE(std::isnan(minimum(zeros_like(x), x).to_vector<double>()[4]));
  EXPECT_EQ((x == x).to_vector<uint8_t>(), (std::vector<uint8_t>{1, 1, 1, 1, 0}));
  EXPECT_EQ((x != x).to_vector<uint8_t>(), (std::vector<uint8_t>{0, 0, 0, 0, 1}));
}

struct Binary {
  const char* name;
  Tensor (*op)(const Tensor&, const Tensor&);
  double (*oracle)(double, double);
};

const Binary kBinary[] = {
    {"add", [](const Tensor& a, const Tensor& b) { return a + b; },
     [](double a, double b) { return a + b; }},
    {"sub", [](const Tensor& a, const Tensor& b) { return a - b; },
     [](double a, double b) { return a - b; }},
    {"mul", [](const Tensor& a, const Tensor& b) { return a * b; },
     [](double a, double b) { return a * b; }},
    {"div", [](const Tensor& a, const Tensor& b) { return a / b; },
     [](double a, double b) { return a / b; }},
    {"maximum", [](const Tensor& a, const Tensor& b) { return maximum(a, b); },
     [](double a, double b) { return std::max(a, b); }},
    {"minimum", [](const Tensor& a, const Tensor& b) { return minimum(a, b); },
     [](double a, double b) { return std::min(a, b); }},
    {"eq", [](const Tensor& a, const Tensor& b) { return a == b; },
     [](double a, double b) { return double(a == b); }},
    {"ne", [](const Tensor& a, const Tensor& b) { return a != b; },
     [](double a, double b) { return double(a != b); }},
    {"lt", [](const Tensor& a, const Tensor& b) { return a < b; },
     [](double a, double b) { return double(a < b); }},
    {"le", [](const Tensor& a, const Tensor& b) { return a <= b; },
     [](double a, double b) { return double(a <= b); }},
    {"gt", [](const Tensor& a, const Tensor& b) { return a > b; },
     [](double a, double b) { return double(a > b); }},
    {"ge", [](const Tensor& a, const Tensor& b) { return a >= b; },
     [](double a, double b) { return double(a >= b); }},
};

void check_binary(const Binary& op, const Tensor& a, const Tensor& b, const Shape& shape,
                  double tolerance, const std::string& what) {
  const auto x = a.to_vector<double>(), y = b.to_vector<double>();
  std::vector<double> expected;
  for_each_index(shape, [&](const Shape& index) {
    expected.push_back(op.oracle(x[position(a.shape(), index)], y[position(b.shape(), index)]));
  });
  const Tensor out = op.op(a, b);
  ASSERT_EQ(out.shape(), shape) << op.name << what;
  expect_near(out, expected, tolerance, tolerance, op.name + what);
}

TEST_P(Elementwise, BinaryAgreesWithLoopsInEveryLayout) {
  for (const Binary& op : kBinary)
    for (const Shape& shape : common_shapes())
      for (const auto& [left, a] : layouts(shape, device(), float32, 1, 3))
        for (const auto& [right, b] : layouts(shape, device(), float32, 2, 4))
          check_binary(op, a, b, shape, 3e-7, " " + shape.str() + " " + left + " " + right);
}

TEST_P(Elementwise, BinaryBroadcasts) {
  const std::vector<std::tuple<Shape, Shape, Shape>> shapes = {
      {{}, {3}, {3}},
      {{1}, {0}, {0}},
      {{3, 1}, {1, 33}, {3, 33}},
      {{5}, {2, 3, 5}, {2, 3, 5}},
      {{2, 1, 4, 1}, {3, 1, 5}, {2, 3, 4, 5}},
      {{1, 1, 1}, {2}, {1, 1, 2}},
      {{0, 1}, {1, 4}, {0, 4}},
      {{1025, 1}, {1, 3}, {1025, 3}}};
  for (const Binary& op : kBinary)
    for (const auto& [a, b, out] : shapes) {
      check_binary(op, sample(a, device()), sample(b, device(), float64, 1, 2), out, 1e-14,
                   a.str() + b.str());
      check_binary(op, sample(b, device()), sample(a, device(), float64, 1, 2), out, 1e-14,
                   b.str() + a.str());
    }
}

TEST_P(Elementwise, IntegerArithmeticIsExactAndWraps) {
  const Tensor big = tensor<int64_t>({(int64_t{1} << 62) + 1, -5, 7}).to(device());
  EXPECT_EQ((big + 1).to_vector<int64_t>()[0], (int64_t{1} << 62) + 2);
  EXPECT_EQ((big - big).to_vector<int64_t>(), (std::vector<int64_t>{0, 0, 0}));
  EXPECT_EQ((big == big).to_vector<uint8_t>(), (std::vector<uint8_t>{1, 1, 1}));
  const Tensor bytes = tensor<uint8_t>({250, 3}).to(device());
  EXPECT_EQ((bytes + bytes).to_vector<uint8_t>(), (std::vector<uint8_t>{244, 6}));
  EXPECT_EQ((bytes / 2).dtype(), float32);
  expect_near(bytes / 2, {125, 1.5}, 0, 0, "uint8 / 2");
  EXPECT_EQ(pow(tensor<int64_t>({-2, 3, 0}).to(device()), 3).to_vector<int64_t>(),
            (std::vector<int64_t>{-8, 27, 0}));
}

TEST_P(Elementwise, ComparesWithNumbersThatTheTypeCannotHold) {
  const Tensor bytes = tensor<uint8_t>({100, 255}).to(device());
  EXPECT_EQ((bytes < 300).to_vector<uint8_t>(), (std::vector<uint8_t>{1, 1}));
  EXPECT_EQ((bytes == 356).to_vector<uint8_t>(), (std::vector<uint8_t>{0, 0}));
  EXPECT_EQ((bytes > 100.5).to_vector<uint8_t>(), (std::vector<uint8_t>{0, 1}));
  EXPECT_EQ((tensor<int32_t>({7}).to(device()) < (int64_t{1} << 40)).item(), 1);
}

TEST_P(Elementwise, BooleansAddAsOrAndMultiplyAsAnd) {
  const Tensor a = tensor({true, true, false, false}).to(device());
  const Tensor b = tensor({true, false, true, false}).to(device());
  EXPECT_EQ((a + b).to_vector<uint8_t>(), (std::vector<uint8_t>{1, 1, 1, 0}));
  EXPECT_EQ((a * b).to_vector<uint8_t>(), (std::vector<uint8_t>{1, 0, 0, 0}));
  EXPECT_EQ((a + b).dtype(), boolean);
  EXPECT_EQ((a + 1).to_vector<int64_t>(), (std::vector<int64_t>{2, 2, 1, 1}));
  EXPECT_EQ((a == b).sum().item<int64_t>(), 2);
}

TEST_P(Elementwise, ScalarsOnEitherSide) {
  for (const auto& [layout, x] : layouts({31, 33}, device(), float64, 1, 2)) {
    const auto values = x.to_vector<double>();
    const auto check = [&](const Tensor& y, double (*oracle)(double), const char* name) {
      std::vector<double> expected;
      for (const double value : values) expected.push_back(oracle(value));
      expect_near(y, expected, 0, 1e-14, name + layout);
    };
    check(
        x + 2.5, [](double v) { return v + 2.5; }, "x + s ");
    check(
        2.5 + x, [](double v) { return 2.5 + v; }, "s + x ");
    check(
        x - 2.5, [](double v) { return v - 2.5; }, "x - s ");
    check(
        2.5 - x, [](double v) { return 2.5 - v; }, "s - x ");
    check(
        x * 2.5, [](double v) { return v * 2.5; }, "x * s ");
    check(
        2.5 * x, [](double v) { return 2.5 * v; }, "s * x ");
    check(
        x / 2.5, [](double v) { return v / 2.5; }, "x / s ");
    check(
        2.5 / x, [](double v) { return 2.5 / v; }, "s / x ");
    check(
        pow(x, 2.5), [](double v) { return std::pow(v, 2.5); }, "pow ");
    check(
        pow(x, -1), [](double v) { return 1 / v; }, "pow -1 ");
    check(
        -x, [](double v) { return -v; }, "-x ");
  }
}

TEST_P(Elementwise, KeepsADenseLayout) {
  const Tensor x = sample({2, 3, 4, 5}, device()).contiguous(MemoryFormat::channels_last);
  EXPECT_TRUE((x + 1).is_contiguous(MemoryFormat::channels_last));
  EXPECT_TRUE(x.relu().is_contiguous(MemoryFormat::channels_last));
  EXPECT_TRUE((sample({2, 1, 1, 1}, device()) + x).is_contiguous(MemoryFormat::channels_last));
  EXPECT_TRUE(sample({3}, device()).expand({2, 3}).exp().is_contiguous());
}

}  // namespace
}  // namespace cuttle::test
