// A value of the formulas in kernels/formulas_*.h when they record operations: a tensor on the
// tape, or a number. The functions here bear the names of those in
// kernels/elementwise_math.h and elementwise_functions.h.
#pragma once

#include <concepts>

#include "../tensor.h"

namespace cuttle {

/// Terms are computed with at once: of numbers a number, else a tensor by recorded operations.
class Term {
 public:
  Term() = default;
  Term(Tensor tensor) : tensor_(std::move(tensor)) {}  // NOLINT: a tensor is a term
  template <class T>
  requires std::is_arithmetic_v<T> Term(T number)  // NOLINT: and so is a number
      : number_(static_cast<double>(number)) {}

  bool is_number() const noexcept { return !tensor_.defined(); }
  double number() const noexcept { return number_; }
  const Tensor& tensor() const noexcept { return tensor_; }

 private:
  Tensor tensor_;
  double number_ = 0;
};

Term operator-(const Term& x);
Term operator+(const Term& a, const Term& b);
Term operator-(const Term& a, const Term& b);
Term operator*(const Term& a, const Term& b);
Term operator/(const Term& a, const Term& b);
Term operator==(const Term& a, const Term& b);
Term operator<(const Term& a, const Term& b);
Term operator<=(const Term& a, const Term& b);
Term operator>(const Term& a, const Term& b);
Term operator>=(const Term& a, const Term& b);

/// Conditions are bool tensors, or numbers that are 0 or not.
Term both(const Term& a, const Term& b);
Term either(const Term& a, const Term& b);
Term select(const Term& condition, const Term& yes, const Term& no);
Term masked(const Term& g, const Term& mask);
Term zero_like(const Term& g);
Term isfinite(const Term& x);

#define CUTTLE_TERM_FUNCTIONS(X) \
  X(abs)                         \
  X(sign)                        \
  X(exp)                         \
  X(log)                         \
  X(log1p)                       \
  X(sin)                         \
  X(cos)                         \
  X(sinh)                        \
  X(cosh)                        \
  X(tanh)                        \
  X(erf)                         \
  X(erfc)                        \
  X(rsqrt)                       \
  X(sigmoid)
#define CUTTLE_TERM_FUNCTIONS_OF_TWO(X) \
  X(pow)                                \
  X(hypot)                              \
  X(copysign)                           \
  X(minimum)                            \
  X(floor_divide)                       \
  X(div_trunc)

#define CUTTLE_TERM_FUNCTION(name) Term name(const Term& x);
CUTTLE_TERM_FUNCTIONS(CUTTLE_TERM_FUNCTION)
#undef CUTTLE_TERM_FUNCTION
#define CUTTLE_TERM_FUNCTION(name) Term name(const Term& a, const Term& b);
CUTTLE_TERM_FUNCTIONS_OF_TWO(CUTTLE_TERM_FUNCTION)
#undef CUTTLE_TERM_FUNCTION

}  // namespace cuttle
