// Images, or boxes of them, in another size: filtered along one dimension after the other, as
// Pillow does.
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "host_device.h"
#include "stream.h"

namespace cuttle::kernels {

/// nearest: the pixel at ⌊o · scale⌋, of nearest_exact ⌊(o + ½) · scale⌋; linear: a triangle;
/// cubic: Keys' with a = −½. The last two are as wide as an output's share of the inputs, if that
/// is more than one: nothing aliases.
enum class ResizeFilter : uint8_t { nearest, nearest_exact, linear, cubic };

/// Bytes are weighed by whole numbers of 2⁻²², as in Pillow, floats by floats.
template <class T>
using ResizeWeight = std::conditional_t<sizeof(T) == 1, int32_t, float>;

/// One dimension: `in` pixels to `out`. With boxes (N, 4) of int64 (top, left, height, width)
/// image n's own part of them; without, one set of weights serves all images.
struct ResizeAxis {
  ResizeFilter filter = ResizeFilter::linear;
  int64_t sets = 1;  // N with boxes
  int64_t in = 0, out = 0;
  const int64_t* boxes = nullptr;
  bool vertical = false;  // which part of a box

  CUTTLE_HOST_DEVICE double support() const {
    return filter == ResizeFilter::linear ? 1 : filter == ResizeFilter::cubic ? 2 : 0;
  }
  /// The most inputs that an output can have.
  int64_t taps() const {
    const double scale = static_cast<double>(in) / static_cast<double>(out);
    return 2 * static_cast<int64_t>(std::ceil(support() * (scale > 1 ? scale : 1))) + 1;
  }
};

CUTTLE_HOST_DEVICE inline double resize_filter(ResizeFilter filter, double x) {
  x = x < 0 ? -x : x;
  if (filter == ResizeFilter::linear) return x < 1 ? 1 - x : 0;
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

/// Output o of a set: range (first input, how many) and that many weights; their sum is 1.
template <class Weight>
CUTTLE_HOST_DEVICE inline void resize_weights_of(const ResizeAxis& axis, int64_t set, int64_t o,
                                                 int32_t* range, Weight* weights) {
  const int64_t* const box = axis.boxes == nullptr ? nullptr : axis.boxes + 4 * set;
  const int side = axis.vertical ? 0 : 1;
  const int64_t start = box == nullptr ? 0 : box[side],
                size = box == nullptr ? axis.in : box[side + 2];
  const double scale = static_cast<double>(size) / static_cast<double>(axis.out);
  const double widened = scale > 1 ? scale : 1, support = axis.support() * widened;
  constexpr bool kWhole = std::is_same_v<Weight, int32_t>;
  if (support == 0) {
    const double half = axis.filter == ResizeFilter::nearest ? 0 : 0.5;
    const auto at = static_cast<int64_t>((static_cast<double>(o) + half) * scale);
    range[0] = static_cast<int32_t>(start + (at < size ? at : size - 1));
    range[1] = 1;
    weights[0] = kWhole ? Weight(1 << 22) : Weight(1);
    return;
  }
  const double center = (static_cast<double>(o) + 0.5) * scale;
  auto first = static_cast<int64_t>(center - support + 0.5);
  auto end = static_cast<int64_t>(center + support + 0.5);
  first = center - support + 0.5 < 0 ? 0 : first;
  end = end > size ? size : end;
  const auto value = [&](int64_t i) {
    return resize_filter(axis.filter, (static_cast<double>(i) - center + 0.5) * (1 / widened));
  };
  double sum = 0;
  for (int64_t i = first; i < end; ++i) sum += value(i);
  for (int64_t i = first; i < end; ++i) {
    const double weight = sum != 0 ? value(i) / sum : value(i);
    if constexpr (kWhole)
      weights[i - first] = static_cast<int32_t>(weight * (1 << 22) + (weight < 0 ? -0.5 : 0.5));
    else
      weights[i - first] = static_cast<float>(weight);
  }
  range[0] = static_cast<int32_t>(start + first);
  range[1] = static_cast<int32_t>(end - first);
}

/// ranges (sets, out, 2), weights (sets, out, taps), of which those beyond the range stay.  Weight:
/// int32_t, float.
template <class Weight>
void resize_weights(cpu::Stream, const ResizeAxis& axis, int32_t* ranges, Weight* weights);
template <class Weight>
void resize_weights(cuda::Stream, const ResizeAxis& axis, int32_t* ranges, Weight* weights);

/// The filter along one dimension: rows × cols of the result, vertical: o is the row.
struct ResizePass {
  bool vertical = false;
  int64_t n = 0, c = 0, rows = 0, cols = 0;
  int64_t from[4] = {}, to[4] = {};  // strides of N, C, H, W in elements
  int64_t sets = 1, taps = 1;
  /// Of a horizontal pass with boxes: rows outside image n's box stay as they are.
  const int64_t* boxes = nullptr;

  CUTTLE_HOST_DEVICE bool skips(int64_t image, int64_t row) const {
    if (boxes == nullptr || vertical) return false;
    return row < boxes[4 * image] || row >= boxes[4 * image] + boxes[4 * image + 2];
  }
};

/// One result: Σ weight · input, inputs rising, from the first input's place; bytes rounded and
/// clipped.
template <class T>
CUTTLE_HOST_DEVICE inline T resized(const T* from, int64_t stride, int32_t count,
                                    const ResizeWeight<T>* weights) {
  if constexpr (sizeof(T) == 1) {
    int32_t sum = 1 << 21;
    for (int32_t k = 0; k < count; ++k) sum += static_cast<int32_t>(from[k * stride]) * weights[k];
    sum >>= 22;
    return static_cast<T>(sum < 0 ? 0 : sum > 255 ? 255 : sum);
  } else {
    T sum = 0;
    for (int32_t k = 0; k < count; ++k) sum += from[k * stride] * weights[k];
    return sum;
  }
}

/// y (N, C, rows, cols) from x by ranges and weights of resize_weights. x of a vertical pass is
/// dense with channels innermost. The same bits on every
/// device.  T: uint8_t, float.
template <class T>
void resize_pass(cpu::Stream, const ResizePass& pass, const int32_t* ranges,
                 const ResizeWeight<T>* weights, const T* x, T* y);
template <class T>
void resize_pass(cuda::Stream, const ResizePass& pass, const int32_t* ranges,
                 const ResizeWeight<T>* weights, const T* x, T* y);

}  // namespace cuttle::kernels
