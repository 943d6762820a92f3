// What both backends do to one score and one weight of an attention. For the kernels alone.
#pragma once

#include <limits>

#include "attention.h"
#include "host_device.h"

namespace cuttle::kernels {

template <class T>
inline constexpr T kMasked =
    -std::numeric_limits<T>::infinity();  // a score that counts for nothing

/// The score of query i and key j in the matrix of one (batch, head), where `product` is the
/// rows' product.
template <class T>
struct ScoreRule {
  T scale;
  bool causal;
  AttentionMask<T> mask;  // of this matrix: its steps `batch` and `head` were taken

  CUTTLE_HOST_DEVICE ScoreRule(const AttentionShape& shape, const AttentionMask<T>& all, int64_t b,
                               int64_t h)
      : scale(static_cast<T>(shape.scale)), causal(shape.causal), mask(all) {
    const int64_t first = b * all.batch + h * all.head;
    if (mask.added != nullptr) mask.added += first;
    if (mask.allowed != nullptr) mask.allowed += first;
  }

  CUTTLE_HOST_DEVICE T operator()(int64_t i, int64_t j, T product) const {
    const int64_t at = i * mask.row + j * mask.column;
    if (causal && j > i) return kMasked<T>;
    if (mask.allowed != nullptr && !mask.allowed[at]) return kMasked<T>;
    const T score = product * scale;
    return mask.added != nullptr ? score + mask.added[at] : score;
  }
};

/// The factors that dropout gives the weights of one matrix: 0, or 1 / keep.
template <class T>
struct DropoutFactors {
  bool none;
  T factor;
  double below;     // of 2³²
  PhiloxAt random;  // resolved
  uint64_t first;   // row-major index of the matrix' first weight
  int64_t keys;

  /// `matrix` counts the matrices of all batches and heads.
  CUTTLE_HOST_DEVICE DropoutFactors(const AttentionShape& shape, int64_t matrix)
      : none(shape.keep >= 1),
        factor(shape.keep > 0 ? static_cast<T>(1 / shape.keep) : T(0)),
        below(shape.keep * 0x1p32),
        random(none ? shape.random : shape.random.resolved()),
        first(static_cast<uint64_t>(matrix * shape.queries * shape.keys)),
        keys(shape.keys) {}

  CUTTLE_HOST_DEVICE T operator()(int64_t i, int64_t j) const {
    if (none) return T(1);
    const uint64_t index = first + static_cast<uint64_t>(i * keys + j);
    const PhiloxBlock block = philox(random.seed, random.offset, index / 4);
    return static_cast<double>(block.at[index % 4]) < below ? factor : T(0);
  }
};

}  // namespace cuttle::kernels
