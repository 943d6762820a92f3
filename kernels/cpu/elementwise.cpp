// Unary, binary and comparison operations on the CPU: one pass, vectorised where rows are dense.
// Integer arithmetic wraps around, as on the GPU.
#include "../elementwise.h"

#include <cmath>
#include <functional>
#include <type_traits>

#include "strided_walk.h"

namespace cuttle::kernels {
namespace {

template <class T>
inline constexpr bool kIsFloat = std::is_floating_point_v<T>;

template <class T, class Op>
void apply_unary(const StridedLoop<2>& loop, const T* x, T* out, Op op) {
  cpu::for_each_row(loop, [=](const auto& at, int64_t n, const auto& stride) {
    const T* from = x + at[0];
    T* to = out + at[1];
    if (stride[0] == 1 && stride[1] == 1) {
#pragma omp simd
      for (int64_t i = 0; i < n; ++i) to[i] = op(from[i]);
    } else {
      for (int64_t i = 0; i < n; ++i) to[i * stride[1]] = op(from[i * stride[0]]);
    }
  });
}

/// A row of out = op(a, b); the two broadcasts have loops of their own so that they vectorise too.
template <class T, class Out, class Op>
void binary_row(int64_t n, const T* a, int64_t a_stride, const T* b, int64_t b_stride, Out* out,
                int64_t out_stride, Op op) {
  if (out_stride == 1 && a_stride == 1 && b_stride == 1) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = op(a[i], b[i]);
  } else if (out_stride == 1 && a_stride == 1 && b_stride == 0) {
    const T y = b[0];
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = op(a[i], y);
  } else if (out_stride == 1 && a_stride == 0 && b_stride == 1) {
    const T x = a[0];
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = op(x, b[i]);
  } else {
    for (int64_t i = 0; i < n; ++i) out[i * out_stride] = op(a[i * a_stride], b[i * b_stride]);
  }
}

template <class T, class Out, class Op>
void apply_binary(const StridedLoop<3>& loop, const T* a, const T* b, Out* out, Op op) {
  cpu::for_each_row(loop, [=](const auto& at, int64_t n, const auto& stride) {
    binary_row(n, a + at[0], stride[0], b + at[1], stride[1], out + at[2], stride[2], op);
  });
}

/// Integers wrap around: the arithmetic is done unsigned and at least as wide as `unsigned`, since
/// narrower types would be promoted to signed int.
template <class T, class Op>
inline T wrapping(T a, T b, Op op) {
  using Wide = std::common_type_t<std::make_unsigned_t<T>, unsigned>;
  return static_cast<T>(op(static_cast<Wide>(a), static_cast<Wide>(b)));
}

template <class T>
inline T divide(T a, T b) {
  if constexpr (std::is_signed_v<T> && !kIsFloat<T>)
    if (b == T(-1)) return wrapping(T(0), a, std::minus<>{});  // the smallest value has no negative
  return static_cast<T>(a / b);
}

template <class T>
inline T power(T base, T exponent) {
  if constexpr (kIsFloat<T>) {
    return std::pow(base, exponent);
  } else {
    if constexpr (std::is_signed_v<T>) {
      if (exponent < 0)  // 1 / base^|exponent|, truncated
        return base == 1 ? T(1) : base == -1 ? (exponent % 2 == 0 ? T(1) : T(-1)) : T(0);
    }
    T result = 1;
    for (auto rest = std::make_unsigned_t<T>(exponent); rest != 0; rest >>= 1) {
      if (rest & 1) result = wrapping(result, base, std::multiplies<>{});
      base = wrapping(base, base, std::multiplies<>{});
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
  if constexpr (kIsFloat<T>)
    return op(a, b);
  else
    return wrapping(a, b, op);
}

void binary_bool(BinaryOp op, const StridedLoop<3>& loop, const bool* a, const bool* b, bool* out) {
  switch (op) {
    case BinaryOp::add:
    case BinaryOp::maximum:
      return apply_binary(loop, a, b, out, [](bool x, bool y) { return x | y; });
    case BinaryOp::mul:
    case BinaryOp::minimum:
      return apply_binary(loop, a, b, out, [](bool x, bool y) { return x & y; });
    default:
      fail("binary: bool tensors have add, mul, maximum and minimum alone; convert them first");
  }
}

template <class T>
void binary_number(BinaryOp op, const StridedLoop<3>& loop, const T* a, const T* b, T* out) {
  switch (op) {
    case BinaryOp::add:
      return apply_binary(loop, a, b, out,
                          [](T x, T y) { return arithmetic(x, y, std::plus<>{}); });
    case BinaryOp::sub:
      return apply_binary(loop, a, b, out,
                          [](T x, T y) { return arithmetic(x, y, std::minus<>{}); });
    case BinaryOp::mul:
      return apply_binary(loop, a, b, out,
                          [](T x, T y) { return arithmetic(x, y, std::multiplies<>{}); });
    case BinaryOp::div:
      return apply_binary(loop, a, b, out, [](T x, T y) { return divide(x, y); });
    case BinaryOp::maximum:  // a NaN on either side is the result
      return apply_binary(loop, a, b, out, [](T x, T y) { return x > y || is_nan(x) ? x : y; });
    case BinaryOp::minimum:
      return apply_binary(loop, a, b, out, [](T x, T y) { return x < y || is_nan(x) ? x : y; });
    case BinaryOp::pow:
      return apply_binary(loop, a, b, out, [](T x, T y) { return power(x, y); });
    case BinaryOp::masked:
      return apply_binary(loop, a, b, out, [](T g, T m) { return m != T(0) ? g : T(0); });
  }
}

}  // namespace

template <class T>
void unary(cpu::Stream, UnaryOp op, const StridedLoop<2>& loop, const T* x, T* out) {
  switch (op) {
    case UnaryOp::neg:
      if constexpr (kIsFloat<T>)
        return apply_unary(loop, x, out, [](T v) { return -v; });
      else
        return apply_unary(loop, x, out, [](T v) { return wrapping(T(0), v, std::minus<>{}); });
    case UnaryOp::abs:
      if constexpr (kIsFloat<T>)
        return apply_unary(loop, x, out, [](T v) { return std::fabs(v); });
      else
        return apply_unary(loop, x, out,
                           [](T v) { return v < T(0) ? wrapping(T(0), v, std::minus<>{}) : v; });
    case UnaryOp::relu:  // NaN stays NaN
      return apply_unary(loop, x, out, [](T v) { return v <= T(0) ? T(0) : v; });
    default:
      break;
  }
  if constexpr (kIsFloat<T>) {
    switch (op) {
      case UnaryOp::exp:
        return apply_unary(loop, x, out, [](T v) { return std::exp(v); });
      case UnaryOp::log:
        return apply_unary(loop, x, out, [](T v) { return std::log(v); });
      case UnaryOp::sqrt:
        return apply_unary(loop, x, out, [](T v) { return std::sqrt(v); });
      case UnaryOp::sigmoid:
        return apply_unary(loop, x, out, [](T v) { return T(1) / (T(1) + std::exp(-v)); });
      case UnaryOp::tanh:
        return apply_unary(loop, x, out, [](T v) { return std::tanh(v); });
      default:
        break;
    }
  }
  fail("unary: integer tensors have neg, abs and relu alone; convert to float first");
}

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
  if constexpr (kIsFloat<T>) {
    if (op == BinaryOp::pow && scalar == T(2) && !scalar_first)
      return apply_unary(loop, x, out, [](T v) { return v * v; });
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

template <class T>
void compare(cpu::Stream, CompareOp op, const StridedLoop<3>& loop, const T* a, const T* b,
             bool* out) {
  switch (op) {
    case CompareOp::eq:
      return apply_binary(loop, a, b, out, std::equal_to<T>{});
    case CompareOp::ne:
      return apply_binary(loop, a, b, out, std::not_equal_to<T>{});
    case CompareOp::lt:
      return apply_binary(loop, a, b, out, std::less<T>{});
    case CompareOp::le:
      return apply_binary(loop, a, b, out, std::less_equal<T>{});
    case CompareOp::gt:
      return apply_binary(loop, a, b, out, std::greater<T>{});
    case CompareOp::ge:
      return apply_binary(loop, a, b, out, std::greater_equal<T>{});
  }
}

#define CUTTLE_INSTANTIATE_UNARY(T) \
  template void unary<T>(cpu::Stream, UnaryOp, const StridedLoop<2>&, const T*, T*);
#define CUTTLE_INSTANTIATE_BINARY(T)                                                              \
  template void binary<T>(cpu::Stream, BinaryOp, const StridedLoop<3>&, const T*, const T*, T*);  \
  template void binary_scalar<T>(cpu::Stream, BinaryOp, const StridedLoop<2>&, const T*, T, bool, \
                                 T*);                                                             \
  template void compare<T>(cpu::Stream, CompareOp, const StridedLoop<3>&, const T*, const T*,     \
                           bool*);
CUTTLE_INSTANTIATE_UNARY(float)
CUTTLE_INSTANTIATE_UNARY(double)
CUTTLE_INSTANTIATE_UNARY(int64_t)
CUTTLE_INSTANTIATE_UNARY(int32_t)
CUTTLE_INSTANTIATE_UNARY(uint8_t)
CUTTLE_INSTANTIATE_BINARY(float)
CUTTLE_INSTANTIATE_BINARY(double)
CUTTLE_INSTANTIATE_BINARY(int64_t)
CUTTLE_INSTANTIATE_BINARY(int32_t)
CUTTLE_INSTANTIATE_BINARY(uint8_t)
CUTTLE_INSTANTIATE_BINARY(bool)

}  // namespace cuttle::kernels
