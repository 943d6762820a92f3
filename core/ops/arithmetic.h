// a + b, a < b, a & b …: the operators, with broadcasting, type promotion and scalars.
#pragma once

#include "elementwise.h"

namespace cuttle {

// Shapes broadcast; dtypes promote (promote_types; a tensor without dimensions or a C++ number does
// not widen the other's kind). All throw Error naming both shapes and devices where they do not
// fit. Comparisons give bool tensors. Division of integers gives float32; % is `remainder`, signed
// as the divisor; &, |, ^ and ~ are those of bits, and of bool the logical ones; ! asks whether an
// element is 0.
#define CUTTLE_OPERATORS(X) \
  X(+, add)                 \
  X(-, sub)                 \
  X(*, mul)                 \
  X(/, div)                 \
  X(%, remainder)           \
  X(&, bitwise_and)         \
  X(|, bitwise_or)          \
  X(^, bitwise_xor)
#define CUTTLE_COMPARISON_OPERATORS(X) \
  X(==, eq)                            \
  X(!=, ne)                            \
  X(<, lt)                             \
  X(<=, le)                            \
  X(>, gt)                             \
  X(>=, ge)

#define CUTTLE_OPERATOR(symbol, name)                       \
  Tensor operator symbol(const Tensor& a, const Tensor& b); \
  Tensor operator symbol(const Tensor& a, Scalar b);        \
  Tensor operator symbol(Scalar a, const Tensor& b);
CUTTLE_OPERATORS(CUTTLE_OPERATOR)
CUTTLE_COMPARISON_OPERATORS(CUTTLE_OPERATOR)
#undef CUTTLE_OPERATOR

Tensor operator-(const Tensor& a);
Tensor operator~(const Tensor& a);
Tensor operator!(const Tensor& a);

}  // namespace cuttle
