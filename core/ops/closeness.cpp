#include "closeness.h"

#include <limits>

#include "../autograd/grad_mode.h"
#include "../creation.h"
#include "../dispatch.h"
#include "arithmetic.h"

namespace cuttle {
namespace {

void check_alike(std::string_view op, const Tensor& a, const Tensor& b) {
  check_defined(op, a);
  check_defined(op, b);
  check_same_device(op, {&a, &b});
  check_same_dtype(op, {&a, &b});
}

Tensor isclose_as(std::string_view op, const Tensor& first, const Tensor& second, double rtol,
                  double atol, bool equal_nan) {
  check_alike(op, first, second);
  (void)broadcast_shapes(op, first.shape(), second.shape());
  if (!(rtol >= 0) || !(atol >= 0))
    fail(op, ": tolerances must not be negative, got rtol = ", rtol, " and atol = ", atol);
  const NoGradGuard no_grad;
  const bool floating = is_floating_point(first.dtype());
  // Differences of unsigned and of narrow integers would wrap around.
  const DType wide = floating ? first.dtype() : int64;
  const Tensor a = first.detach().to(wide), b = second.detach().to(wide);
  const Tensor same = a == b;
  if (first.dtype() == boolean) return same;
  // Of bool tensors + is or, and * is and.
  const Tensor equal = equal_nan && floating ? same + (a != a) * (b != b) : same;
  if (rtol == 0 && atol == 0) return equal;
  const Tensor distance = (a - b).abs();
  const Tensor close = distance <= (b * rtol).abs() + atol;
  // An infinite distance is never small, though the tolerance may be infinite, too.
  return equal + (floating ? close * (distance < std::numeric_limits<double>::infinity()) : close);
}

}  // namespace

bool equal(const Tensor& a, const Tensor& b) {
  check_alike("equal", a, b);
  if (a.shape() != b.shape()) return false;
  const NoGradGuard no_grad;
  return a.numel() == 0 || (a != b).sum().item<int64_t>() == 0;
}

Tensor isclose(const Tensor& a, const Tensor& b, double rtol, double atol, bool equal_nan) {
  return isclose_as("isclose", a, b, rtol, atol, equal_nan);
}

bool allclose(const Tensor& a, const Tensor& b, double rtol, double atol, bool equal_nan) {
  const Tensor close = isclose_as("allclose", a, b, rtol, atol, equal_nan);
  return close.numel() == 0 || close.sum().item<int64_t>() == close.numel();
}

bool ClosenessMethods::equal(const Tensor& other) const {
  return cuttle::equal(self(*this), other);
}
bool ClosenessMethods::allclose(const Tensor& other, double rtol, double atol,
                                bool equal_nan) const {
  return cuttle::allclose(self(*this), other, rtol, atol, equal_nan);
}
Tensor ClosenessMethods::isclose(const Tensor& other, double rtol, double atol,
                                 bool equal_nan) const {
  return cuttle::isclose(self(*this), other, rtol, atol, equal_nan);
}

}  // namespace cuttle
