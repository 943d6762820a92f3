// Functions, methods, operators and in-place forms lead to the row of their name, and each wrong
// use is answered by a sentence.
#include "elementwise_rows.h"
#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class ElementwiseForms : public DeviceTest {
 protected:
  Tensor of(std::vector<double> values, DType dtype = float64) const {
    return tensor(values).to(dtype).to(device());
  }
};
CUTTLE_INSTANTIATE_DEVICES(ElementwiseForms);

void expect_same_tensor(const Tensor& actual, const Tensor& expected, const std::string& what) {
  EXPECT_EQ(actual.dtype(), expected.dtype()) << what;
  EXPECT_EQ(actual.shape(), expected.shape()) << what;
  EXPECT_EQ(actual.to_vector<double>(), expected.to_vector<double>()) << what;
}

TEST_P(ElementwiseForms, OfOneOperand) {
  const Tensor real = of({0.25, 0.5, 0.75}), whole = of({1, 2, 5}, int64);
#define CUTTLE_CHECK(name, formula, operands, takes, ...)                                      \
  {                                                                                            \
    const bool bits = kernels::table::takes == kernels::table::integers;                       \
    const Tensor x = bits ? whole : Elementwise::name == Elementwise::acosh ? real + 1 : real; \
    const Tensor y = run_row(Elementwise::name, std::vector<Tensor>{x});                       \
    expect_same_tensor(x.name(), y, #name);                                                    \
    expect_same_tensor(cuttle::name(x), y, #name);                                             \
    Tensor written = x.clone();                                                                \
    expect_same_tensor(written.name##_(), y.to(x.dtype()), #name "_");                         \
  }
  CUTTLE_UNARY_ARITHMETIC(CUTTLE_CHECK)
  CUTTLE_UNARY_FUNCTIONS(CUTTLE_CHECK)
  CUTTLE_UNARY_LOGIC(CUTTLE_CHECK)
#undef CUTTLE_CHECK
#define CUTTLE_CHECK(name, ...)                                                                  \
  expect_same_tensor(real.name(), run_row(Elementwise::name, std::vector<Tensor>{real}), #name); \
  expect_same_tensor(cuttle::name(real), real.name(), #name);
  CUTTLE_UNARY_TESTS(CUTTLE_CHECK)
#undef CUTTLE_CHECK
  expect_same_tensor(-real, real.neg(), "-x");
  expect_same_tensor(~whole, whole.bitwise_not(), "~x");
  expect_same_tensor(!whole, whole.logical_not(), "!x");
}

TEST_P(ElementwiseForms, OfTwoOperands) {
  const Tensor whole = of({5, 2, 7}, int64), other = of({2, 2, 3}, int64);
#define CUTTLE_CHECK(name, formula, operands, takes, ...)                                    \
  {                                                                                          \
    const bool real = kernels::table::takes == kernels::table::real;                         \
    const Tensor a = real ? whole.to(float64) : whole, b = real ? other.to(float64) : other; \
    const Tensor two = full_like(b, 2);                                                      \
    const Tensor y = run_row(Elementwise::name, std::vector<Tensor>{a, b});                  \
    const Tensor with_number = run_row(Elementwise::name, std::vector<Tensor>{a, two});      \
    const Tensor number_first = run_row(Elementwise::name, std::vector<Tensor>{two, b});     \
    expect_same_tensor(a.name(b), y, #name);                                                 \
    expect_same_tensor(cuttle::name(a, b), y, #name);                                        \
    expect_same_tensor(a.name(2), with_number, #name);                                       \
    expect_same_tensor(cuttle::name(a, 2), with_number, #name);                              \
    expect_same_tensor(cuttle::name(2, b), number_first, #name);                             \
    if (!is_floating_point(y.dtype())) {                                                     \
      Tensor written = a.clone();                                                            \
      expect_same_tensor(written.name##_(b), y.to(int64), #name "_");                        \
      written = a.clone();                                                                   \
      expect_same_tensor(written.name##_(2), with_number.to(int64), #name "_");              \
    }                                                                                        \
  }
  CUTTLE_BINARY_ARITHMETIC(CUTTLE_CHECK)
  CUTTLE_BINARY_FUNCTIONS(CUTTLE_CHECK)
  CUTTLE_COMPARISONS(CUTTLE_CHECK)
  CUTTLE_BITS(CUTTLE_CHECK)
  CUTTLE_BOUNDS(CUTTLE_CHECK)
#undef CUTTLE_CHECK
  const Tensor &a = whole, &b = other, two = full_like(b, 2);
#define CUTTLE_CHECK(symbol, name)                                                                \
  expect_same_tensor(a symbol b, run_row(Elementwise::name, std::vector<Tensor>{a, b}), #symbol); \
  expect_same_tensor(a symbol 2, run_row(Elementwise::name, std::vector<Tensor>{a, two}),         \
                     #symbol);                                                                    \
  expect_same_tensor(2 symbol b, run_row(Elementwise::name, std::vector<Tensor>{two, b}), #symbol);
  CUTTLE_OPERATORS(CUTTLE_CHECK)
  CUTTLE_COMPARISON_OPERATORS(CUTTLE_CHECK)
#undef CUTTLE_CHECK
#define CUTTLE_CHECK(symbol, name)                                    \
  {                                                                   \
    Tensor x = a.clone();                                             \
    expect_same_tensor(x symbol## = b, a symbol b, #symbol "=");      \
    expect_same_tensor(x symbol## = 2, a symbol b symbol 2, #symbol); \
  }
  CUTTLE_CHECK(+, add)
  CUTTLE_CHECK(-, sub)
  CUTTLE_CHECK(*, mul)
  CUTTLE_CHECK(%, remainder)
#undef CUTTLE_CHECK
  Tensor bits = a.clone();
  expect_same_tensor(((bits &= b) |= 8) ^= b, ((a & b) | 8) ^ b, "bits");
}

TEST_P(ElementwiseForms, WithAlphaAndRounding) {
  const Tensor a = of({5, -7, 2}), b = of({2, 2, -4});
  expect_near(a.add(b, 3), {11, -1, -10}, 0, 0, "add");
  expect_near(add(a, b, 0.5), {6, -6, 0}, 0, 0, "add");
  expect_near(a.sub(b, 3), {-1, -13, 14}, 0, 0, "sub");
  expect_near(sub(a, b), {3, -9, 6}, 0, 0, "sub");
  Tensor x = a.clone();
  expect_near(x.add_(b, 2).sub_(b, 2).sub_(1, 2).add_(2), {5, -7, 2}, 0, 0, "in place");
  expect_near(div(a, b, "trunc"), {2, -3, 0}, 0, 0, "trunc");
  expect_near(a.div(b, "floor"), {2, -4, -1}, 0, 0, "floor");
  expect_near(a.to(int64).div(2, "floor"), {2, -4, 1}, 0, 0, "floor of integers");
  EXPECT_EQ(a.to(int64).div(2, "floor").dtype(), int64);
  EXPECT_EQ(a.to(int64).div(2).dtype(), float32);
  expect_near(x.div_(2, "trunc"), {2, -3, 1}, 0, 0, "div_");
}

TEST_P(ElementwiseForms, OfThreeOperands) {
  const Tensor a = of({-1, 0.5, 3}), b = of({0, 1, 2}), c = of({1, 2, 4});
  expect_near(a.clamp(0, 1), {0, 0.5, 1}, 0, 0, "clamp");
  expect_near(clamp(a, {}, 1), {-1, 0.5, 1}, 0, 0, "clamp below");
  expect_near(clamp(a, 0), {0, 0.5, 3}, 0, 0, "clamp above");
  expect_near(a.clamp(b, c), {0, 1, 3}, 0, 0, "clamp by tensors");
  Tensor x = a.clone();
  expect_near(x.clamp_(-0.5, 2), {-0.5, 0.5, 2}, 0, 0, "clamp_");
  expect_near(x.clamp_(b, c), {0, 1, 2}, 0, 0, "clamp_ by tensors");
  const Tensor bytes = of({0, 100, 255}, uint8);
  expect_near(bytes.clamp(-1, 300), {0, 100, 255}, 0, 0, "bounds outside of the range");
  expect_near(bytes.clamp_min(256), {255, 255, 255}, 0, 0, "bounds outside of the range");
  expect_near(where(a > 0, a, 0), {0, 0.5, 3}, 0, 0, "where");
  expect_near(where(a > 0, 1.0, b), {0, 1, 1}, 0, 0, "where");
  expect_near(a.where(a < 0, b), {-1, 1, 2}, 0, 0, "where");
  EXPECT_EQ(where(a > 0, 1, 0).dtype(), int64);
  EXPECT_EQ(where(a > 0, 1.0, 0).dtype(), float32);
  expect_near(lerp(b, c, 0.5), {0.5, 1.5, 3}, 0, 0, "lerp");
  expect_near(b.lerp(c, a), {-1, 1.5, 8}, 0, 0, "lerp");
  expect_near(addcmul(a, b, c, 2), {-1, 4.5, 19}, 0, 0, "addcmul");
  expect_near(a.addcdiv(b, c), {-1, 1, 3.5}, 0, 0, "addcdiv");
  x = a.clone();
  expect_near(x.addcmul_(b, c).addcdiv_(b, c, -2).lerp_(a, 0.0), {-1, 1.5, 10}, 0, 0, "in place");
  expect_near(of({NAN, INFINITY, -INFINITY}, float32).nan_to_num(),
              {0, std::numeric_limits<float>::max(), std::numeric_limits<float>::lowest()}, 0, 0,
              "nan_to_num");
  expect_near(of({NAN, 1, 2}, float16).nan_to_num_(3), {3, 1, 2}, 0, 0, "nan_to_num_");
  EXPECT_EQ(of({1, 2}, int64).nan_to_num().dtype(), int64);
}

TEST_P(ElementwiseForms, LogitWithBounds) {
  const Tensor x = of({0, 0.25, 1});
  const Tensor y = x.clamp(0.1, 0.9).logit();
  EXPECT_EQ(logit(x, 0.1).to_vector<double>(), y.to_vector<double>());
  EXPECT_EQ(x.logit(0.1).to_vector<double>(), y.to_vector<double>());
  EXPECT_EQ(x.clone().logit_(0.1).to_vector<double>(), y.to_vector<double>());
  EXPECT_EQ(of({1}, int64).logit(0.25).dtype(), float32);
}

// In the in-place form a result that is needed is kept apart, so it may be written again.
TEST_P(ElementwiseForms, InPlaceResultsMayBeWrittenAgain) {
  const Tensor x = of({1, 2}).requires_grad_();
  Tensor y = x * 1;
  y.exp_();
  y *= 2;
  y.sum().backward();
  expect_near(x.grad(), {2 * std::exp(1.0), 2 * std::exp(2.0)}, 0, 1e-14, "gradient");
}

}  // namespace
}  // namespace cuttle::test
