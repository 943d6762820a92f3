// The loops of operations that work element by element: one pass, vectorised where rows are dense.
// For kernels/cpu's elementwise_*.cpp.
#pragma once

#include <type_traits>

#include "../half.h"
#include "strided_walk.h"

namespace cuttle::kernels::cpu {

template <class T, class Op>
void apply_unary(const StridedLoop<2>& loop, const T* x, T* out, Op op) {
  for_each_row(loop, [=](const auto& at, int64_t n, const auto& stride) {
    const T* from = x + at[0];
    T* to = out + at[1];
    if (stride[0] == 1 && stride[1] == 1) {
#pragma omp simd
      for (int64_t i = 0; i < n; ++i) to[i] = static_cast<T>(op(static_cast<Compute<T>>(from[i])));
    } else {
      for (int64_t i = 0; i < n; ++i)
        to[i * stride[1]] = static_cast<T>(op(static_cast<Compute<T>>(from[i * stride[0]])));
    }
  });
}

/// A row of out = op(a, b); the two broadcasts have loops of their own so that they vectorise too.
template <class T, class Out, class Op>
void binary_row(int64_t n, const T* a, int64_t a_stride, const T* b, int64_t b_stride, Out* out,
                int64_t out_stride, Op op) {
  using C = Compute<T>;
  if (out_stride == 1 && a_stride == 1 && b_stride == 1) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = static_cast<Out>(op(C(a[i]), C(b[i])));
  } else if (out_stride == 1 && a_stride == 1 && b_stride == 0) {
    const C y = static_cast<C>(b[0]);
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = static_cast<Out>(op(C(a[i]), y));
  } else if (out_stride == 1 && a_stride == 0 && b_stride == 1) {
    const C x = static_cast<C>(a[0]);
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = static_cast<Out>(op(x, C(b[i])));
  } else {
    for (int64_t i = 0; i < n; ++i)
      out[i * out_stride] = static_cast<Out>(op(C(a[i * a_stride]), C(b[i * b_stride])));
  }
}

template <class T, class Out, class Op>
void apply_binary(const StridedLoop<3>& loop, const T* a, const T* b, Out* out, Op op) {
  for_each_row(loop, [=](const auto& at, int64_t n, const auto& stride) {
    binary_row(n, a + at[0], stride[0], b + at[1], stride[1], out + at[2], stride[2], op);
  });
}

/// The same for operations that have no vector instructions, such as powers and the division of
/// integers: one loop for all strides, which compiles in a quarter of the time.
template <class T, class Out, class Op>
void apply_binary_singly(const StridedLoop<3>& loop, const T* a, const T* b, Out* out, Op op) {
  for_each_row(loop, [=](const auto& at, int64_t n, const auto& stride) {
    const T* x = a + at[0];
    const T* y = b + at[1];
    Out* to = out + at[2];
    for (int64_t i = 0; i < n; ++i)
      to[i * stride[2]] = static_cast<Out>(
          op(static_cast<Compute<T>>(x[i * stride[0]]), static_cast<Compute<T>>(y[i * stride[1]])));
  });
}

/// Integers wrap around: the arithmetic is done unsigned and at least as wide as `unsigned`, since
/// narrower types would be promoted to signed int.
template <class T, class Op>
inline T wrapping(T a, T b, Op op) {
  using Wide = std::common_type_t<std::make_unsigned_t<T>, unsigned>;
  return static_cast<T>(op(static_cast<Wide>(a), static_cast<Wide>(b)));
}

}  // namespace cuttle::kernels::cpu
