// The types that reductions keep, compare and write.
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include "reduce.h"

namespace cuttle::kernels {

/// The result of a sum of T.
template <class T>
using SumType = std::conditional_t<is_floating<T>, T, int64_t>;
/// What it is accumulated in: A for floating types; integers wrap around as unsigned.
template <class T, class A>
using SumTotal = std::conditional_t<is_floating<T>, A, uint64_t>;

/// The type in which an element is kept and compared: whole words.
template <class T>
using Held = std::conditional_t<!is_floating<T> && sizeof(T) < 4, int32_t, Compute<T>>;

/// The value that no other is less / greater than; constants, because device code may not call the
/// functions of numeric_limits.
template <class T>
inline constexpr T kLeast = std::numeric_limits<T>::has_infinity
                                ? -std::numeric_limits<T>::infinity()
                                : std::numeric_limits<T>::lowest();
template <class T>
inline constexpr T kMost = std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity()
                                                                : std::numeric_limits<T>::max();

/// Which end of the order an extreme is.
enum class Side { largest, smallest };

/// True where x takes the place of `best`: it is further out, or the first NaN.
template <Side side, class T>
CUTTLE_HOST_DEVICE inline bool beats(T x, T best) {
  return !(side == Side::largest ? x <= best : x >= best) & (best == best);
}

/// Where the results of an operation go that has one of type Out.
template <class Out>
struct ReduceTarget {
  explicit ReduceTarget(const ReduceResults& to) : results(static_cast<Out*>(to.first)) {}
  CUTTLE_HOST_DEVICE void put(int64_t at, const Out& result) const { results[at] = result; }
  Out* results;
};

/// An extreme and its position; a variance, or its root, and the mean.
template <class T>
struct FoundAt {
  T value;
  int64_t at;
};
template <class T>
struct VarianceAndMean {
  T variance, mean;
};

template <class T>
struct ReduceTarget<FoundAt<T>> {
  explicit ReduceTarget(const ReduceResults& to)
      : values(static_cast<T*>(to.first)), places(static_cast<int64_t*>(to.second)) {}
  CUTTLE_HOST_DEVICE void put(int64_t at, const FoundAt<T>& found) const {
    if (values != nullptr) values[at] = found.value;
    if (places != nullptr) places[at] = found.at;
  }
  T* values;
  int64_t* places;
};

template <class T>
struct ReduceTarget<VarianceAndMean<T>> {
  explicit ReduceTarget(const ReduceResults& to)
      : variances(static_cast<T*>(to.first)), means(static_cast<T*>(to.second)) {}
  CUTTLE_HOST_DEVICE void put(int64_t at, const VarianceAndMean<T>& moments) const {
    if (variances != nullptr) variances[at] = moments.variance;
    if (means != nullptr) means[at] = moments.mean;
  }
  T* variances;
  T* means;
};

}  // namespace cuttle::kernels
