// What reductions compute: one struct each, from which reduce_rows.cuh and reduce_columns.cuh make
// kernels. A reduction Op over elements of type T has
//   T, Out                     the types of its inputs and of its result
//   Partial                    what threads and blocks exchange: trivially copyable, whole words
//   none()                     the Partial of no element
//   combine(a, b)              the Partial of both; combine(b, a) is the same to the bit
//   finish(partial)            the result
// and for the loop of a thread over its elements, which has to be short,
//   Running                    what it keeps
//   start()                    before its first element
//   add(running, x, round)     one more element; the first has round 0, and rounds rise
//   partial(running, f, s)     the Partial of what was added, ≥ 1 element, of which the one of
//                              round r has the position f + r · s among the output's inputs
#pragma once

#include <limits>

#include "index.cuh"

namespace cuttle::kernels::cuda {

/// Σ x. Integers wrap around. A thread's sum of floating numbers is compensated (Kahan, "Further
/// remarks on reducing truncation errors", 1965), so that its error does not grow with their count:
/// three additions more for each, which a memory-bound kernel has time for.
template <class Element>
struct Sum {
  using T = Element;
  using Out = Element;
  using Partial = Element;
  struct Running {
    T sum, excess;  // excess: what rounding has put into sum
  };

  static __device__ Partial none() { return T(0); }
  static __device__ Partial combine(Partial a, Partial b) {
    return static_cast<T>(Wrapping<T>(a) + Wrapping<T>(b));
  }
  static __device__ Out finish(Partial sum) { return sum; }

  static __device__ Running start() { return {T(0), T(0)}; }
  static __device__ void add(Running& running, T x, uint32_t) {
    if constexpr (is_floating<T>) {
      const T rest = x - running.excess;
      const T sum = running.sum + rest;
      const T excess = (sum - running.sum) - rest;
      running = {sum, excess - excess == T(0) ? excess : T(0)};  // an infinite sum stays infinite
    } else {
      running.sum = combine(running.sum, x);
    }
  }
  static __device__ Partial partial(const Running& running, int64_t, int64_t) {
    return running.sum;
  }
};

/// The value that no other is less than; a constant, because device code may not call the functions
/// of numeric_limits.
template <class T>
inline constexpr T kLeast = std::numeric_limits<T>::has_infinity
                                ? -std::numeric_limits<T>::infinity()
                                : std::numeric_limits<T>::lowest();

/// The position of the first largest element; a NaN counts as largest.
template <class Element>
struct ArgMax {
  using T = Element;
  using Out = int64_t;
  struct Partial {
    int64_t at;  // -1: none yet
    std::conditional_t<sizeof(T) < 4, uint32_t, T> value;
  };
  struct Running {
    T value;
    uint32_t round;
  };

  static __device__ Partial none() { return {-1, 0}; }
  static __device__ Partial combine(const Partial& a, const Partial& b) {
    if (a.at < 0 || b.at < 0) return a.at < 0 ? b : a;
    const bool nan_a = a.value != a.value, nan_b = b.value != b.value;
    if (nan_a != nan_b) return nan_a ? a : b;
    if (!nan_a && a.value != b.value) return a.value > b.value ? a : b;
    return a.at < b.at ? a : b;
  }
  static __device__ Out finish(const Partial& best) { return best.at; }

  /// Right for the least value too: where nothing is larger, the element of round 0 is the first.
  static __device__ Running start() { return {kLeast<T>, 0}; }
  static __device__ void add(Running& best, T x, uint32_t round) {
    if (!(x <= best.value) && best.value == best.value) best = {x, round};
  }
  static __device__ Partial partial(const Running& best, int64_t first, int64_t step) {
    return {first + best.round * step, best.value};
  }
};

/// Op's partials joined to one: a reduction of them, so that the second pass reads as the first.
template <class Op>
struct Join {
  using T = typename Op::Partial;
  using Running = T;
  static __device__ Running start() { return Op::none(); }
  static __device__ void add(Running& all, const T& other, uint32_t) {
    all = Op::combine(all, other);
  }
};

}  // namespace cuttle::kernels::cuda
