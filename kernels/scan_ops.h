// What can be scanned. An operation is a struct that both backends' engines take: its State is what
// a stretch of elements comes to, none() that of no element, join(a, b) that of a stretch a and the
// one behind it (associative), load() and store() go to and from memory.
//
// In load and store `at` is the element's place in memory and `position` that along the dimension.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "half.h"
#include "scan.h"

namespace cuttle::kernels {

/// Integers wrap around.
template <class T, class Real>
using ScanNumber = std::conditional_t<is_floating<T>, Real, uint64_t>;

/// The number that the element type stores, however wide it was computed.
template <class T, class Number>
struct NumberScan {
  using State = Number;
  CUTTLE_HOST_DEVICE State load(int64_t at, int64_t) const { return static_cast<Number>(x[at]); }
  CUTTLE_HOST_DEVICE void store(int64_t at, State state) const { out[at] = static_cast<T>(state); }

  const T* x;
  T* out;
};

template <class T, class Real>
struct SumScan : NumberScan<T, ScanNumber<T, Real>> {
  using State = ScanNumber<T, Real>;
  CUTTLE_HOST_DEVICE static State none() { return 0; }
  CUTTLE_HOST_DEVICE static State join(State a, State b) { return a + b; }
};

template <class T, class Real>
struct ProdScan : NumberScan<T, ScanNumber<T, Real>> {
  using State = ScanNumber<T, Real>;
  CUTTLE_HOST_DEVICE static State none() { return 1; }
  CUTTLE_HOST_DEVICE static State join(State a, State b) { return a * b; }
};

// A constant, because device code may not call the functions of numeric_limits.
template <class Real>
inline constexpr Real kMinusInfinity = -std::numeric_limits<Real>::infinity();

/// log(eᵃ + eᵇ) = max + log1p(e^(min − max)).
template <class T, class Real>
struct LogSumExpScan : NumberScan<T, Real> {
  CUTTLE_HOST_DEVICE static Real none() { return kMinusInfinity<Real>; }
  CUTTLE_HOST_DEVICE static Real join(Real a, Real b) {
    if (a != a || b != b) return a + b;
    const Real larger = a < b ? b : a, smaller = a < b ? a : b;
    if (larger - larger != 0) return larger;  // an infinity, whose difference would be NaN
    return larger + std::log1p(std::exp(smaller - larger));
  }
};

/// The largest element, or the smallest, and where it lies; the last of equals, a NaN before all.
template <class T, bool kLargest>
struct ExtremeScan {
  struct State {
    Compute<T> value;
    int64_t position;  // −1: no element
  };
  CUTTLE_HOST_DEVICE static State none() { return {Compute<T>(0), -1}; }
  CUTTLE_HOST_DEVICE static State join(const State& a, const State& b) {
    if (b.position < 0) return a;
    if (a.position < 0 || b.value != b.value) return b;
    const bool later = kLargest ? b.value >= a.value : b.value <= a.value;  // false if a is NaN
    return later ? b : a;
  }
  CUTTLE_HOST_DEVICE State load(int64_t at, int64_t position) const { return {x[at], position}; }
  CUTTLE_HOST_DEVICE void store(int64_t at, const State& state) const {
    out[at] = static_cast<T>(state.value);
    places[at] = state.position;
  }

  const T* x;
  T* out;
  int64_t* places;
};

/// A stretch of the recurrence takes s to factor · s + term.
template <class T, class Real>
struct LinearScan {
  using Number = ScanNumber<T, Real>;
  struct State {
    Number factor, term;
  };
  CUTTLE_HOST_DEVICE static State none() { return {1, 0}; }
  CUTTLE_HOST_DEVICE static State join(const State& a, const State& b) {
    // What is 0 or nothing stays so beside an infinity, whose product with 0 would be NaN.
    if (b.factor == 0 || (a.factor == 1 && a.term == 0)) return b;
    return {a.factor * b.factor, b.factor * a.term + b.term};
  }
  CUTTLE_HOST_DEVICE State load(int64_t at, int64_t position) const {
    const bool first = reverse ? position == length - 1 : position == 0;
    const int64_t joint = reverse ? at + inner : at;
    return {first ? Number(0) : static_cast<Number>(factors[joint]),
            static_cast<Number>(terms[at])};
  }
  CUTTLE_HOST_DEVICE void store(int64_t at, const State& state) const {
    out[at] = static_cast<T>(state.term);
  }

  const T *factors, *terms;
  T* out;
  int64_t length, inner;
  bool reverse;
};

/// Calls run(operation struct) for what a backend's `scan` was asked for. Real: the type in which
/// floating types are accumulated.
template <class Real, class T, class Run>
void with_scan_op(ScanOp op, const T* x, T* out, const Run& run) {
  switch (op) {
    case ScanOp::sum:
      return run(SumScan<T, Real>{{x, out}});
    case ScanOp::prod:
      return run(ProdScan<T, Real>{{x, out}});
    case ScanOp::logsumexp:
      if constexpr (is_floating<T>) return run(LogSumExpScan<T, Real>{{x, out}});
  }
}

/// The same for `scan_extremes`.
template <class T, class Run>
void with_extreme_scan(bool largest, const T* x, T* out, int64_t* places, const Run& run) {
  if (largest)
    run(ExtremeScan<T, true>{x, out, places});
  else
    run(ExtremeScan<T, false>{x, out, places});
}

}  // namespace cuttle::kernels
