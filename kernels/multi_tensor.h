// Passes over many arrays at once, such as the gradients of a model.
#pragma once

#include <cstdint>
#include <span>

#include "stream.h"

namespace cuttle::kernels {

/// A dense array among several.
template <class T>
struct ArrayOf {
  T* data = nullptr;
  int64_t numel = 0;
};

/// *total = (Σ |x|^p)^(1/p) over all elements of all arrays; the largest |x| for p = ∞. Summed in
/// double, in an order that depends on the sizes alone; NaN where one is. p > 0; there is
/// an array at least.  T: float, double.
template <class T>
void multi_norm(cpu::Stream, double p, std::span<const ArrayOf<const T>> arrays, T* total);
template <class T>
void multi_norm(cuda::Stream, double p, std::span<const ArrayOf<const T>> arrays, T* total);

/// Every element times *factor. Where `found` is not nullptr, it becomes 1 if an element is
/// infinite or NaN before that, and else stays what it is.  T: float, double.
template <class T>
void multi_scale(cpu::Stream, const T* factor, std::span<const ArrayOf<T>> arrays, float* found);
template <class T>
void multi_scale(cuda::Stream, const T* factor, std::span<const ArrayOf<T>> arrays, float* found);

/// A dense array and another whose elements lie in the same order.
template <class T>
struct PairOf {
  T* data = nullptr;
  const T* other = nullptr;
  int64_t numel = 0;
};

/// data = data + *weight · (other − data), with the bits of `lerp` (formulas_choices.h).
/// T: float, double.
template <class T>
void multi_lerp(cpu::Stream, const T* weight, std::span<const PairOf<T>> pairs);
template <class T>
void multi_lerp(cuda::Stream, const T* weight, std::span<const PairOf<T>> pairs);

}  // namespace cuttle::kernels
