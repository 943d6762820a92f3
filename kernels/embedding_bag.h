// Bags of rows of a table, summed, averaged or their maxima, without the rows in between.
#pragma once

#include <cstdint>

#include "half.h"
#include "host_device.h"
#include "stream.h"

namespace cuttle::kernels {

enum class BagReduction { sum, mean, max };

/// Which elements make a bag, and the table (rows, features) whose rows they name. Bag b holds the
/// elements from begin(b) to begin(b + 1). Its results are (bags, features).
struct BagShape {
  BagReduction reduction = BagReduction::sum;
  int64_t bags = 0, elements = 0, rows = 0, features = 0;
  int64_t each = 0;                  // the elements of every bag, where there are no offsets
  const int64_t* offsets = nullptr;  // where bags begin: (bags), or with the end (bags + 1)
  bool has_end = false;              // else the last bag ends with the elements
  int64_t padding = -1;              // elements that name this row count as not there

  CUTTLE_HOST_DEVICE constexpr int64_t begin(int64_t bag) const {
    if (offsets == nullptr) return bag * each;
    return bag < bags || has_end ? offsets[bag] : elements;
  }
  /// Of offsets that do not fall: the bag of an element; none: −1.
  CUTTLE_HOST_DEVICE constexpr int64_t bag_of(int64_t element) const {
    if (bags == 0 || element >= begin(bags)) return -1;
    if (offsets == nullptr) return element / each;
    int64_t low = 0, high = bags;  // begin(low) <= element < begin(high)
    while (high - low > 1) {
      const int64_t middle = low + (high - low) / 2;
      (begin(middle) <= element ? low : high) = middle;
    }
    return low;
  }
  /// The row that an element adds to, `rows` where it is not there.
  CUTTLE_HOST_DEVICE constexpr int64_t key(int64_t bag, int64_t index) const {
    const bool is_there = bag >= 0 && index >= 0 && index < rows && index != padding;
    return is_there ? index : rows;
  }
  /// Whether begin(bag) may follow begin(bag - 1).
  CUTTLE_HOST_DEVICE constexpr bool is_offset(int64_t bag) const {
    const int64_t at = begin(bag);
    return bag == 0 ? at == 0 : at >= begin(bag - 1) && at <= elements;
  }
};

/// What an Error says of an offset that is none, and of an index, before ": index …".
inline constexpr const char* kBagOffsets = "embedding_bag (offsets begin with 0 and do not fall)";
inline constexpr const char* kBagIndices = "embedding_bag";

/// Whether a bag's maximum so far gives way to `value`: the first of equal elements stays, a NaN
/// counts as largest.
template <class T>
CUTTLE_HOST_DEVICE constexpr bool gives_way(T largest, T value) {
  return largest == largest && !(value <= largest);
}

/// One part in `count`, 1 of none.
template <class T>
CUTTLE_HOST_DEVICE constexpr Compute<T> bag_share(int64_t count) {
  return Compute<T>(1) / static_cast<Compute<T>>(count > 0 ? count : 1);
}

/// y[b] = Σ samples[e] · weight[indices[e]] over bag b's elements e, in their order (`samples`
/// nullptr: 1); or their mean; or, feature by feature, their maximum. A bag without elements gives
/// 0. Sums are Compute<T>'s, rounded once. `found` is what the backward needs, int64: of means, how
/// many elements each bag has (bags); of maxima, which element is the largest or −1 (bags,
/// features); of sums nullptr. Without features nothing is written. An index or offset out of
/// range: the CPU throws Error before anything is written; the GPU makes the bag NaN and reports it
/// at the next synchronisation. The same bits on every device. T: float, double, Half, BFloat16.
template <class T>
void embedding_bag_forward(cpu::Stream, const BagShape& shape, const int64_t* indices,
                           const T* samples, const T* weight, T* y, int64_t* found);
template <class T>
void embedding_bag_forward(cuda::Stream, const BagShape& shape, const int64_t* indices,
                           const T* samples, const T* weight, T* y, int64_t* found);

/// Of each element, keys: the row that it adds to, `rows` where it is not there; and bags: its bag,
/// 0 where it is in none. Sorted by index_sort (index.h), the keys bring a row's elements together.
void embedding_bag_elements(cpu::Stream, const BagShape& shape, const int64_t* indices,
                            int64_t* keys, int64_t* bags);
void embedding_bag_elements(cuda::Stream, const BagShape& shape, const int64_t* indices,
                            int64_t* keys, int64_t* bags);

/// What a bag's gradient is handed out by.
template <class T>
struct BagGradient {
  const int64_t* keys = nullptr;   // sorted
  const int64_t* order = nullptr;  // which element each key is of
  const int64_t* bags = nullptr;   // of embedding_bag_elements
  const T* samples = nullptr;
  const int64_t* found = nullptr;  // of embedding_bag_forward
  bool by_frequency = false;       // a row's gradient is divided by how many elements name it
  const T* dy = nullptr;           // (bags, features)

  /// What an element of a sum or mean multiplies its bag's gradient by.
  CUTTLE_HOST_DEVICE constexpr Compute<T> scale(const BagShape& shape, int64_t element) const {
    if (shape.reduction == BagReduction::mean) return bag_share<T>(found[bags[element]]);
    return samples != nullptr ? Compute<T>(samples[element]) : Compute<T>(1);
  }
};

/// Overwrites the rows of dweight (rows, features) that elements name; the others stay. Each row
/// adds up in the order of its elements, in Compute<T>: the same bits on every device.
template <class T>
void embedding_bag_backward(cpu::Stream, const BagShape& shape, const BagGradient<T>& gradient,
                            T* dweight);
template <class T>
void embedding_bag_backward(cuda::Stream, const BagShape& shape, const BagGradient<T>& gradient,
                            T* dweight);

/// dsamples[e] = Σ dy[bag of e] · weight[indices[e]], of sums; 0 of elements that are not there.
/// `keys` unsorted.
template <class T>
void embedding_bag_backward_samples(cpu::Stream, const BagShape& shape, const int64_t* keys,
                                    const int64_t* bags, const T* weight, const T* dy, T* dsamples);
template <class T>
void embedding_bag_backward_samples(cuda::Stream, const BagShape& shape, const int64_t* keys,
                                    const int64_t* bags, const T* weight, const T* dy, T* dsamples);

}  // namespace cuttle::kernels
