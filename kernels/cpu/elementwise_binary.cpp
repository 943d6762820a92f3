// Functions of two elements, or of one and a scalar, on the CPU. See kernels/elementwise.h; the
// loops are in elementwise_loop.h. Compiled once for each type CUTTLE_ELEMENT
// (cmake/element_types.cmake). Integer arithmetic wraps around, as on the GPU.
#include "../elementwise.h"

#include <cmath>
#include <functional>

#include "elementwise_loop.h"

namespace cuttle::kernels {
namespace {

/// The quotient of integers.
template <class T>
inline T divide(T a, T b) {
  if constexpr (std::is_signed_v<T>)
    if (b == T(-1)) return cpu::wrapping(T(0), a, std::minus<>{});  // the smallest has no negative
  return static_cast<T>(a / b);
}

template <class T>
inline T power(T base, T exponent) {
  if constexpr (is_floating<T>) {
    return std::pow(base, exponent);
  } else {
    if constexpr (std::is_signed_v<T>) {
      if (exponent < 0)  // 1 / base^|exponent|, truncated
        return base == 1 ? T(1) : base == -1 ? (exponent % 2 == 0 ? T(1) : T(-1)) : T(0);
    }
    T result = 1;
    for (auto rest = std::make_unsigned_t<T>(exponent); rest != 0; rest >>= 1) {
      if (rest & 1) result = cpu::wrapping(result, base, std::multiplies<>{});
      base = cpu::wrapping(base, base, std::multiplies<>{});
    }
    return result;
  }
}

template <class T>
inline bool is_nan(T x) {
  return x != x;
}

template <class T, class Op>
inline T arithmetic(T a, T b, Op op) {
  if constexpr (is_floating<T>)
    return op(a, b);
  else
    return cpu::wrapping(a, b, op);
}

/// On truth values.
template <class T>
void binary_bool(BinaryOp op, const StridedLoop<3>& loop, const T* a, const T* b, T* out) {
  switch (op) {
    case BinaryOp::add:
    case BinaryOp::maximum:
      return cpu::apply_binary(loop, a, b, out, [](T x, T y) { return x | y; });
    case BinaryOp::mul:
    case BinaryOp::minimum:
      return cpu::apply_binary(loop, a, b, out, [](T x, T y) { return x & y; });
    default:
      fail("binary: bool tensors have add, mul, maximum and minimum alone; convert them first");
  }
}

template <class T>
void binary_number(BinaryOp op, const StridedLoop<3>& loop, const T* a, const T* b, T* out) {
  using C = Compute<T>;
  switch (op) {
    case BinaryOp::add:
      return cpu::apply_binary(loop, a, b, out,
                               [](C x, C y) { return arithmetic(x, y, std::plus<>{}); });
    case BinaryOp::sub:
      return cpu::apply_binary(loop, a, b, out,
                               [](C x, C y) { return arithmetic(x, y, std::minus<>{}); });
    case BinaryOp::mul:
      return cpu::apply_binary(loop, a, b, out,
                               [](C x, C y) { return arithmetic(x, y, std::multiplies<>{}); });
    case BinaryOp::div:
      if constexpr (is_floating<T>)
        return cpu::apply_binary(loop, a, b, out, std::divides<C>{});
      else
        return cpu::apply_binary_singly(loop, a, b, out, [](C x, C y) { return divide(x, y); });
    case BinaryOp::maximum:  // a NaN on either side is the result
      return cpu::apply_binary(loop, a, b, out,
                               [](C x, C y) { return x > y || is_nan(x) ? x : y; });
    case BinaryOp::minimum:
      return cpu::apply_binary(loop, a, b, out,
                               [](C x, C y) { return x < y || is_nan(x) ? x : y; });
    case BinaryOp::pow:
      return cpu::apply_binary_singly(loop, a, b, out, [](C x, C y) { return power(x, y); });
    case BinaryOp::masked:
      return cpu::apply_binary(loop, a, b, out, [](C g, C m) { return m != C(0) ? g : C(0); });
  }
}

}  // namespace

template <class T>
void binary(cpu::Stream, BinaryOp op, const StridedLoop<3>& loop, const T* a, const T* b, T* out) {
  if constexpr (std::is_same_v<T, bool>)
    binary_bool(op, loop, a, b, out);
  else
    binary_number(op, loop, a, b, out);
}

template <class T>
void binary_scalar(cpu::Stream stream, BinaryOp op, const StridedLoop<2>& loop, const T* x,
                   T scalar, bool scalar_first, T* out) {
  if constexpr (is_floating<T>) {
    if (op == BinaryOp::pow && scalar == T(2) && !scalar_first)
      return cpu::apply_unary(loop, x, out, [](Compute<T> v) { return v * v; });
  }
  StridedLoop<3> wide;  // the scalar is an operand whose strides are all 0
  wide.rank = loop.rank;
  for (int d = 0; d < loop.rank; ++d) {
    wide.sizes[d] = loop.sizes[d];
    wide.strides[scalar_first ? 1 : 0][d] = loop.strides[0][d];
    wide.strides[2][d] = loop.strides[1][d];
  }
  if (scalar_first)
    binary(stream, op, wide, &scalar, x, out);
  else
    binary(stream, op, wide, x, &scalar, out);
}

template void binary(cpu::Stream, BinaryOp, const StridedLoop<3>&, const CUTTLE_ELEMENT*,
                     const CUTTLE_ELEMENT*, CUTTLE_ELEMENT*);
template void binary_scalar(cpu::Stream, BinaryOp, const StridedLoop<2>&, const CUTTLE_ELEMENT*,
                            CUTTLE_ELEMENT, bool, CUTTLE_ELEMENT*);

}  // namespace cuttle::kernels
