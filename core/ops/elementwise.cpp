// The functions and methods that follow from the table alone.
#include "elementwise.h"

#include "elementwise_run.h"

namespace cuttle {

using kernels::Elementwise;

namespace {

// x² is a product.
Tensor with_number(Elementwise op, const Tensor& a, Scalar b) {
  if (op == Elementwise::pow && b.to<double>() == 2 && a.defined() && is_floating_point(a.dtype()))
    return elementwise<1>(Elementwise::square, {a});
  return elementwise<2>(op, {a, b});
}

}  // namespace

#define CUTTLE_FUNCTION(name, ...)                           \
  Tensor name(const Tensor& x) {                             \
    return elementwise<1>(Elementwise::name, {x});           \
  }                                                          \
  Tensor ElementwiseMethods::name() const {                  \
    return elementwise<1>(Elementwise::name, {self(*this)}); \
  }
#define CUTTLE_IN_PLACE(name, ...)                                                 \
  Tensor& ElementwiseMethods::name##_() {                                          \
    return elementwise_in_place<1>(Elementwise::name, self(*this), {self(*this)}); \
  }
CUTTLE_UNARY_ARITHMETIC(CUTTLE_FUNCTION)
CUTTLE_UNARY_FUNCTIONS(CUTTLE_FUNCTION)
CUTTLE_UNARY_LOGIC(CUTTLE_FUNCTION)
CUTTLE_UNARY_TESTS(CUTTLE_FUNCTION)
CUTTLE_UNARY_ARITHMETIC(CUTTLE_IN_PLACE)
CUTTLE_UNARY_FUNCTIONS(CUTTLE_IN_PLACE)
CUTTLE_UNARY_LOGIC(CUTTLE_IN_PLACE)
#undef CUTTLE_FUNCTION
#undef CUTTLE_IN_PLACE

#define CUTTLE_FUNCTION(name, ...)                                                        \
  Tensor name(const Tensor& a, const Tensor& b) {                                         \
    return elementwise<2>(Elementwise::name, {a, b});                                     \
  }                                                                                       \
  Tensor name(const Tensor& a, Scalar b) {                                                \
    return with_number(Elementwise::name, a, b);                                          \
  }                                                                                       \
  Tensor name(Scalar a, const Tensor& b) {                                                \
    return elementwise<2>(Elementwise::name, {a, b});                                     \
  }                                                                                       \
  Tensor ElementwiseMethods::name(const Tensor& other) const {                            \
    return cuttle::name(self(*this), other);                                              \
  }                                                                                       \
  Tensor ElementwiseMethods::name(Scalar other) const {                                   \
    return cuttle::name(self(*this), other);                                              \
  }                                                                                       \
  Tensor& ElementwiseMethods::name##_(const Tensor& other) {                              \
    return elementwise_in_place<2>(Elementwise::name, self(*this), {self(*this), other}); \
  }                                                                                       \
  Tensor& ElementwiseMethods::name##_(Scalar other) {                                     \
    return elementwise_in_place<2>(Elementwise::name, self(*this), {self(*this), other}); \
  }
CUTTLE_BINARY_ARITHMETIC(CUTTLE_FUNCTION)
CUTTLE_BINARY_FUNCTIONS(CUTTLE_FUNCTION)
CUTTLE_COMPARISONS(CUTTLE_FUNCTION)
CUTTLE_BITS(CUTTLE_FUNCTION)
CUTTLE_BOUNDS(CUTTLE_FUNCTION)
#undef CUTTLE_FUNCTION

Tensor maximum(const Tensor& a, const Tensor& b) {
  return elementwise<2>(Elementwise::maximum, {a, b});
}
Tensor minimum(const Tensor& a, const Tensor& b) {
  return elementwise<2>(Elementwise::minimum, {a, b});
}
Tensor ElementwiseMethods::maximum(const Tensor& other) const {
  return cuttle::maximum(self(*this), other);
}
Tensor ElementwiseMethods::minimum(const Tensor& other) const {
  return cuttle::minimum(self(*this), other);
}

}  // namespace cuttle
