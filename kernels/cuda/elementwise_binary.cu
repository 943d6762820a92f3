// Functions of two elements, or of one and a scalar. See kernels/elementwise.h; the kernels are in
// elementwise_loop.cuh. Compiled once for each type CUTTLE_ELEMENT (cmake/element_types.cmake).
#include <cmath>

#include "../elementwise.h"
#include "elementwise_loop.cuh"

namespace cuttle::kernels {

namespace {

/// x^y. Integers by repeated squaring (wrapping); a negative exponent leaves 0 except of ±1.
template <class T>
__device__ T power(T x, T y) {
  if constexpr (is_floating<T>) {
    return std::pow(x, y);
  } else {
    if constexpr (std::is_signed_v<T>) {
      if (y < T(0)) return x == T(1) || (x == T(-1) && y % 2 == 0) ? T(1) : x == T(-1) ? x : T(0);
    }
    using Wide = cuda::Wrapping<T>;
    Wide result = 1, base = static_cast<Wide>(x);
    for (Wide e = static_cast<Wide>(y); e > 0; e >>= 1) {
      if (e & 1) result *= base;
      base *= base;
    }
    return static_cast<T>(result);
  }
}

/// A NaN in either argument is the result, as in PyTorch.
template <class T>
__device__ T larger(T a, T b) {
  return a != a || a > b ? a : b;
}
template <class T>
__device__ T smaller(T a, T b) {
  return a != a || a < b ? a : b;
}

template <class T>
__device__ T quotient(T a, T b) {
  if constexpr (std::is_signed_v<T> && std::is_integral_v<T>)
    if (b == T(-1)) return static_cast<T>(-static_cast<cuda::Wrapping<T>>(a));  // cannot overflow
  return static_cast<T>(a / b);
}

/// The operation on numbers.
template <class T>
struct Binary {
  using Wide = cuda::Wrapping<T>;

  template <class Body>
  __device__ void apply(Body body) const {
    switch (op) {
      case BinaryOp::add:
        return body([](T a, T b) { return static_cast<T>(Wide(a) + Wide(b)); });
      case BinaryOp::sub:
        return body([](T a, T b) { return static_cast<T>(Wide(a) - Wide(b)); });
      case BinaryOp::mul:
        return body([](T a, T b) { return static_cast<T>(Wide(a) * Wide(b)); });
      case BinaryOp::div:
        return body([](T a, T b) { return quotient(a, b); });
      case BinaryOp::maximum:
        return body([](T a, T b) { return larger(a, b); });
      case BinaryOp::minimum:
        return body([](T a, T b) { return smaller(a, b); });
      case BinaryOp::pow:
        return body([](T a, T b) { return power(a, b); });
      case BinaryOp::masked:
        return body([](T g, T m) { return m != T(0) ? g : T(0); });
    }
  }
  BinaryOp op;
};

/// The operation on truth values: add and maximum are or, mul and minimum are and.
template <>
struct Binary<bool> {
  template <class Body>
  __device__ void apply(Body body) const {
    if (op == BinaryOp::add || op == BinaryOp::maximum)
      body([](bool a, bool b) { return a || b; });
    else
      body([](bool a, bool b) { return a && b; });
  }
  BinaryOp op;
};

template <class T>
void check_operation(BinaryOp op) {
  if (std::is_same_v<T, bool> && op != BinaryOp::add && op != BinaryOp::mul &&
      op != BinaryOp::maximum && op != BinaryOp::minimum)
    fail("binary: bool tensors have add, mul, maximum and minimum alone; convert them first");
}

/// Binary<T> with one argument held fixed.
template <class T>
struct BinaryScalar {
  template <class Body>
  __device__ void apply(Body body) const {
    binary.apply([&](auto operation) {
      body([operation, value = scalar, first = scalar_first](T x) {
        return first ? operation(value, x) : operation(x, value);
      });
    });
  }
  Binary<T> binary;
  T scalar;
  bool scalar_first;
};

}  // namespace

template <class T>
void binary(cuda::Stream stream, BinaryOp op, const StridedLoop<3>& loop, const T* a, const T* b,
            T* out) {
  check_operation<T>(op);
  cuda::run_elementwise(stream, loop, Binary<Compute<T>>{op}, cuda::Inputs<T, 2>{{a, b}}, out);
}

template <class T>
void binary_scalar(cuda::Stream stream, BinaryOp op, const StridedLoop<2>& loop, const T* x,
                   T scalar, bool scalar_first, T* out) {
  check_operation<T>(op);
  cuda::run_elementwise(
      stream, loop, BinaryScalar<Compute<T>>{{op}, static_cast<Compute<T>>(scalar), scalar_first},
      cuda::Inputs<T, 1>{{x}}, out);
}

template void binary(cuda::Stream, BinaryOp, const StridedLoop<3>&, const CUTTLE_ELEMENT*,
                     const CUTTLE_ELEMENT*, CUTTLE_ELEMENT*);
template void binary_scalar(cuda::Stream, BinaryOp, const StridedLoop<2>&, const CUTTLE_ELEMENT*,
                            CUTTLE_ELEMENT, bool, CUTTLE_ELEMENT*);

}  // namespace cuttle::kernels
