// What is summed for an element, and what becomes of the sum: the rows of the reductions that are
// sums (reduce_ops.h). A Term over elements of type T has
//   Total, Out         the types of the sum and of the result
//   of(x)              what an element adds to the sum
//   result(sum)        the result
#pragma once

#include <cmath>

#include "reduce_values.h"

namespace cuttle::kernels {

/// Σ x
template <class T, class A>
struct Itself {
  using Total = SumTotal<T, A>;
  using Out = SumType<T>;
  CUTTLE_HOST_DEVICE Total of(T x) const { return static_cast<Total>(x); }
  CUTTLE_HOST_DEVICE Out result(Total sum) const { return static_cast<Out>(sum); }
};

/// Σ x without the NaN
template <class T, class A>
struct NotNaN : Itself<T, A> {
  CUTTLE_HOST_DEVICE A of(T x) const { return x == x ? static_cast<A>(x) : A(0); }
};

/// Σ x / count
template <class T, class A>
struct Share : Itself<T, A> {
  CUTTLE_HOST_DEVICE T result(A sum) const { return static_cast<T>(sum / count); }
  A count;
};

/// Σ |x|
template <class T, class A>
struct Magnitude : Itself<T, A> {
  CUTTLE_HOST_DEVICE A of(T x) const { return std::abs(static_cast<A>(x)); }
};

/// √ Σ x²
template <class T, class A>
struct Square : Itself<T, A> {
  CUTTLE_HOST_DEVICE A of(T x) const { return static_cast<A>(x) * static_cast<A>(x); }
  CUTTLE_HOST_DEVICE T result(A sum) const { return static_cast<T>(std::sqrt(sum)); }
};

/// (Σ |x|ᵖ)^(1/p)
template <class T, class A>
struct Power : Itself<T, A> {
  CUTTLE_HOST_DEVICE A of(T x) const { return std::pow(std::abs(static_cast<A>(x)), p); }
  CUTTLE_HOST_DEVICE T result(A sum) const { return static_cast<T>(std::pow(sum, A(1) / p)); }
  A p;
};

/// How many are not 0; a NaN is not.
template <class T>
struct Nonzero {
  using Total = uint64_t;
  using Out = int64_t;
  CUTTLE_HOST_DEVICE Total of(T x) const { return static_cast<Held<T>>(x) != Held<T>(0); }
  CUTTLE_HOST_DEVICE Out result(Total count) const { return static_cast<Out>(count); }
};

/// Is one not 0?
template <class T>
struct AnyNonzero : Nonzero<T> {
  using Out = bool;
  CUTTLE_HOST_DEVICE Out result(uint64_t count) const { return count > 0; }
};

/// Is none 0?
template <class T>
struct NoneZero {
  using Total = uint64_t;
  using Out = bool;
  CUTTLE_HOST_DEVICE Total of(T x) const { return static_cast<Held<T>>(x) == Held<T>(0); }
  CUTTLE_HOST_DEVICE Out result(Total zeros) const { return zeros == 0; }
};

}  // namespace cuttle::kernels
