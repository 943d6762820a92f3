// Arithmetic, and the operators of C++ for it and for the rest of the elementwise table.
#include "arithmetic.h"

#include "elementwise_run.h"

namespace cuttle {
namespace {

using kernels::Elementwise;

Elementwise quotient(std::string_view rounding_mode) {
  if (rounding_mode.empty()) return Elementwise::div;
  if (rounding_mode == "trunc") return Elementwise::div_trunc;
  if (rounding_mode == "floor") return Elementwise::floor_divide;
  fail("div: expected \"trunc\", \"floor\" or nothing as the rounding mode, got \"", rounding_mode,
       "\"");
}

bool is_one(const Scalar& alpha) {
  return alpha.to<double>() == 1;
}
Scalar negative(const Scalar& alpha) {
  if (alpha.is_integral()) return -alpha.to<int64_t>();
  return -alpha.to<double>();
}

Tensor sum(const Tensor& a, const Argument& b, Scalar alpha) {
  if (is_one(alpha)) return elementwise<2>(Elementwise::add, {a, b});
  return elementwise<2>(Elementwise::add_scaled, {a, b}, {&alpha, 1});
}
Tensor difference(const Tensor& a, const Argument& b, Scalar alpha) {
  if (is_one(alpha)) return elementwise<2>(Elementwise::sub, {a, b});
  check_elementwise<2>(Elementwise::add_scaled, "sub", {a, b}, {&alpha, 1});
  return sum(a, b, negative(alpha));
}
Tensor& add_to(Tensor& x, const Argument& other, Scalar alpha) {
  if (is_one(alpha)) return elementwise_in_place<2>(Elementwise::add, x, {x, other});
  return elementwise_in_place<2>(Elementwise::add_scaled, x, {x, other}, {&alpha, 1});
}
Tensor& take_from(Tensor& x, const Argument& other, Scalar alpha) {
  if (is_one(alpha)) return elementwise_in_place<2>(Elementwise::sub, x, {x, other});
  check_elementwise<2>(Elementwise::add_scaled, "sub_", {x, other}, {&alpha, 1});
  return add_to(x, other, negative(alpha));
}

}  // namespace

Tensor add(const Tensor& a, const Tensor& b, Scalar alpha) {
  return sum(a, b, alpha);
}
Tensor sub(const Tensor& a, const Tensor& b, Scalar alpha) {
  return difference(a, b, alpha);
}
Tensor mul(const Tensor& a, const Tensor& b) {
  return a * b;
}
Tensor div(const Tensor& a, const Tensor& b, std::string_view rounding_mode) {
  return elementwise<2>(quotient(rounding_mode), {a, b});
}

Tensor ElementwiseMethods::add(const Tensor& other, Scalar alpha) const {
  return sum(self(*this), other, alpha);
}
Tensor ElementwiseMethods::add(Scalar other, Scalar alpha) const {
  return sum(self(*this), other, alpha);
}
Tensor ElementwiseMethods::sub(const Tensor& other, Scalar alpha) const {
  return difference(self(*this), other, alpha);
}
Tensor ElementwiseMethods::sub(Scalar other, Scalar alpha) const {
  return difference(self(*this), other, alpha);
}
Tensor ElementwiseMethods::mul(const Tensor& other) const {
  return self(*this) * other;
}
Tensor ElementwiseMethods::mul(Scalar other) const {
  return self(*this) * other;
}
Tensor ElementwiseMethods::div(const Tensor& other, std::string_view rounding_mode) const {
  return elementwise<2>(quotient(rounding_mode), {self(*this), other});
}
Tensor ElementwiseMethods::div(Scalar other, std::string_view rounding_mode) const {
  return elementwise<2>(quotient(rounding_mode), {self(*this), other});
}

Tensor& ElementwiseMethods::add_(const Tensor& other, Scalar alpha) {
  return add_to(self(*this), other, alpha);
}
Tensor& ElementwiseMethods::add_(Scalar other, Scalar alpha) {
  return add_to(self(*this), other, alpha);
}
Tensor& ElementwiseMethods::sub_(const Tensor& other, Scalar alpha) {
  return take_from(self(*this), other, alpha);
}
Tensor& ElementwiseMethods::sub_(Scalar other, Scalar alpha) {
  return take_from(self(*this), other, alpha);
}
Tensor& ElementwiseMethods::mul_(const Tensor& other) {
  return elementwise_in_place<2>(Elementwise::mul, self(*this), {self(*this), other});
}
Tensor& ElementwiseMethods::mul_(Scalar other) {
  return elementwise_in_place<2>(Elementwise::mul, self(*this), {self(*this), other});
}
Tensor& ElementwiseMethods::div_(const Tensor& other, std::string_view rounding_mode) {
  return elementwise_in_place<2>(quotient(rounding_mode), self(*this), {self(*this), other});
}
Tensor& ElementwiseMethods::div_(Scalar other, std::string_view rounding_mode) {
  return elementwise_in_place<2>(quotient(rounding_mode), self(*this), {self(*this), other});
}

#define CUTTLE_OPERATOR(symbol, name)                        \
  Tensor operator symbol(const Tensor& a, const Tensor& b) { \
    return elementwise<2>(Elementwise::name, {a, b});        \
  }                                                          \
  Tensor operator symbol(const Tensor& a, Scalar b) {        \
    return elementwise<2>(Elementwise::name, {a, b});        \
  }                                                          \
  Tensor operator symbol(Scalar a, const Tensor& b) {        \
    return elementwise<2>(Elementwise::name, {a, b});        \
  }
CUTTLE_OPERATORS(CUTTLE_OPERATOR)
CUTTLE_COMPARISON_OPERATORS(CUTTLE_OPERATOR)
#undef CUTTLE_OPERATOR

#define CUTTLE_OPERATOR(symbol, name)                                                     \
  Tensor& ElementwiseMethods::operator symbol##=(const Tensor& other) {                   \
    return elementwise_in_place<2>(Elementwise::name, self(*this), {self(*this), other}); \
  }                                                                                       \
  Tensor& ElementwiseMethods::operator symbol##=(Scalar other) {                          \
    return elementwise_in_place<2>(Elementwise::name, self(*this), {self(*this), other}); \
  }
CUTTLE_OPERATORS(CUTTLE_OPERATOR)
#undef CUTTLE_OPERATOR

Tensor operator-(const Tensor& a) {
  return a.neg();
}
Tensor operator~(const Tensor& a) {
  return a.bitwise_not();
}
Tensor operator!(const Tensor& a) {
  return a.logical_not();
}

}  // namespace cuttle
