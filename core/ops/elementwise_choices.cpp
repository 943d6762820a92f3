// Operations of the elementwise table that take more than tensors: bounds, weights, parameters.
#include <limits>

#include "../dispatch.h"
#include "elementwise.h"
#include "elementwise_run.h"

namespace cuttle {
namespace {

using kernels::Elementwise;

// The three numbers of nan_to_num in the dtype's range.
std::array<Scalar, 3> numbers_for(const Tensor& x, double nan, std::optional<double> posinf,
                                  std::optional<double> neginf) {
  check_defined("nan_to_num", x);
  if (!is_floating_point(x.dtype())) return {0, 0, 0};  // integers are numbers
  const double most = dispatch_floating("nan_to_num", x.dtype(), []<class T>() {
    return static_cast<double>(std::numeric_limits<T>::max());
  });
  return {nan, posinf.value_or(most), neginf.value_or(-most)};
}

// Calls f(op, operands) with the row for the bounds there are.
template <class F>
decltype(auto) with_bounds(const Tensor& x, const std::optional<Scalar>& low,
                           const std::optional<Scalar>& high, const F& f) {
  if (low && high) {
    const Argument operands[] = {x, *low, *high};
    return f(Elementwise::clamp, operands);
  }
  if (!low && !high) fail("clamp: got neither a lower nor an upper bound; give one");
  const Argument operands[] = {x, low ? *low : *high};
  return f(low ? Elementwise::clamp_min : Elementwise::clamp_max, operands);
}

template <class... T>
std::array<Scalar, sizeof...(T)> parameters(T... values) {
  return {Scalar(values)...};
}

}  // namespace

Tensor clamp(const Tensor& x, std::optional<Scalar> low, std::optional<Scalar> high) {
  return with_bounds(
      x, low, high, [](Elementwise op, const auto& operands) { return elementwise(op, operands); });
}
Tensor clamp(const Tensor& x, const Tensor& low, const Tensor& high) {
  return elementwise<3>(Elementwise::clamp, {x, low, high});
}
Tensor ElementwiseMethods::clamp(std::optional<Scalar> low, std::optional<Scalar> high) const {
  return cuttle::clamp(self(*this), low, high);
}
Tensor ElementwiseMethods::clamp(const Tensor& low, const Tensor& high) const {
  return cuttle::clamp(self(*this), low, high);
}
Tensor& ElementwiseMethods::clamp_(std::optional<Scalar> low, std::optional<Scalar> high) {
  Tensor& x = self(*this);
  check_defined("clamp", x);
  with_bounds(x, low, high, [&x](Elementwise op, const auto& operands) {
    elementwise_in_place(op, x, operands);
  });
  return x;
}
Tensor& ElementwiseMethods::clamp_(const Tensor& low, const Tensor& high) {
  return elementwise_in_place<3>(Elementwise::clamp, self(*this), {self(*this), low, high});
}

Tensor where(const Tensor& condition, const Tensor& yes, const Tensor& no) {
  return elementwise<3>(Elementwise::where, {condition, yes, no});
}
Tensor where(const Tensor& condition, const Tensor& yes, Scalar no) {
  return elementwise<3>(Elementwise::where, {condition, yes, no});
}
Tensor where(const Tensor& condition, Scalar yes, const Tensor& no) {
  return elementwise<3>(Elementwise::where, {condition, yes, no});
}
Tensor where(const Tensor& condition, Scalar yes, Scalar no) {
  return elementwise<3>(Elementwise::where, {condition, yes, no});
}
Tensor ElementwiseMethods::where(const Tensor& condition, const Tensor& other) const {
  return cuttle::where(condition, self(*this), other);
}
Tensor ElementwiseMethods::where(const Tensor& condition, Scalar other) const {
  return cuttle::where(condition, self(*this), other);
}

Tensor lerp(const Tensor& start, const Tensor& end, const Tensor& weight) {
  return elementwise<3>(Elementwise::lerp, {start, end, weight});
}
Tensor lerp(const Tensor& start, const Tensor& end, Scalar weight) {
  return elementwise<3>(Elementwise::lerp, {start, end, weight});
}
Tensor ElementwiseMethods::lerp(const Tensor& end, const Tensor& weight) const {
  return cuttle::lerp(self(*this), end, weight);
}
Tensor ElementwiseMethods::lerp(const Tensor& end, Scalar weight) const {
  return cuttle::lerp(self(*this), end, weight);
}
Tensor& ElementwiseMethods::lerp_(const Tensor& end, const Tensor& weight) {
  return elementwise_in_place<3>(Elementwise::lerp, self(*this), {self(*this), end, weight});
}
Tensor& ElementwiseMethods::lerp_(const Tensor& end, Scalar weight) {
  return elementwise_in_place<3>(Elementwise::lerp, self(*this), {self(*this), end, weight});
}

#define CUTTLE_ADDED(name)                                                                \
  Tensor name(const Tensor& x, const Tensor& a, const Tensor& b, Scalar value) {          \
    return elementwise<3>(Elementwise::name, {x, a, b}, parameters(value));               \
  }                                                                                       \
  Tensor ElementwiseMethods::name(const Tensor& a, const Tensor& b, Scalar value) const { \
    return cuttle::name(self(*this), a, b, value);                                        \
  }                                                                                       \
  Tensor& ElementwiseMethods::name##_(const Tensor& a, const Tensor& b, Scalar value) {   \
    return elementwise_in_place<3>(Elementwise::name, self(*this), {self(*this), a, b},   \
                                   parameters(value));                                    \
  }
CUTTLE_ADDED(addcmul)
CUTTLE_ADDED(addcdiv)
#undef CUTTLE_ADDED

Tensor nan_to_num(const Tensor& x, double nan, std::optional<double> posinf,
                  std::optional<double> neginf) {
  return elementwise<1>(Elementwise::nan_to_num, {x}, numbers_for(x, nan, posinf, neginf));
}
Tensor ElementwiseMethods::nan_to_num(double nan, std::optional<double> posinf,
                                      std::optional<double> neginf) const {
  return cuttle::nan_to_num(self(*this), nan, posinf, neginf);
}
Tensor& ElementwiseMethods::nan_to_num_(double nan, std::optional<double> posinf,
                                        std::optional<double> neginf) {
  Tensor& x = self(*this);
  check_defined("nan_to_num", x);
  return elementwise_in_place<1>(Elementwise::nan_to_num, x, {x},
                                 numbers_for(x, nan, posinf, neginf));
}

Tensor logit(const Tensor& x, double eps) {
  check_defined("logit", x);
  return clamp(x, eps, 1 - eps).logit();
}
Tensor ElementwiseMethods::logit(double eps) const {
  return cuttle::logit(self(*this), eps);
}
Tensor& ElementwiseMethods::logit_(double eps) {
  check_defined("logit_", self(*this));
  return self(*this).clamp_(eps, 1 - eps).logit_();
}

}  // namespace cuttle
