// The inputs of tests/golden/generate_indexing.py, made by the same rules.
#pragma once

#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/indexing.h>
#include <cuttle/core/ops/arithmetic.h>

#include "golden_values.h"
#include "samples.h"

namespace cuttle::test {

/// ((37 i + 5 seed) mod 23 − 11) / 4 at row-major place i.
inline Tensor filled(const Shape& shape, const Device& device, DType dtype = float64,
                     int64_t seed = 0) {
  std::vector<double> values;
  for (int64_t i = 0; i < shape.numel(); ++i)
    values.push_back(static_cast<double>((i * 37 + seed * 5) % 23 - 11) / 4);
  return tensor(values, shape, {.dtype = dtype, .device = device});
}

/// The weights under which a result's elements are summed: ((17 i) mod 13 − 6) / 2.
inline Tensor weights(const Shape& shape, const Device& device) {
  std::vector<double> values;
  for (int64_t i = 0; i < shape.numel(); ++i)
    values.push_back(static_cast<double>((i * 17) % 13 - 6) / 2);
  return tensor(values, shape, {.dtype = float64, .device = device});
}

/// NaN, infinities, zeros and subnormal numbers, one after the other.
inline Tensor edges(const Shape& shape, const Device& device) {
  const double all[] = {NAN, INFINITY, -INFINITY, -0.0, 5e-324, -1e-310, 1.75, 0x1p1022};
  std::vector<double> values;
  for (int64_t i = 0; i < shape.numel(); ++i) values.push_back(all[i % 8]);
  return tensor(values, shape, {.dtype = float64, .device = device});
}

inline Tensor filled_in_layout(const std::string& layout, const Shape& shape,
                               const Device& device) {
  if (layout == "transposed") {
    Shape reversed;
    std::vector<int64_t> order;
    for (int d = shape.size() - 1; d >= 0; --d) {
      reversed.push_back(shape[d]);
      order.push_back(d);
    }
    return filled(reversed, device).permute(order);
  }
  if (layout == "sliced") {
    Shape wide = shape;
    wide[shape.size() - 1] = 2 * shape.back() + 1;
    return filled(wide, device).slice(-1, 1, 2 * shape.back() + 1, 2);
  }
  if (layout == "expanded") {
    Shape single = shape;
    single[0] = 1;
    return filled(single, device).expand(shape);
  }
  return layout == "edges" ? edges(shape, device) : filled(shape, device);
}

inline Tensor integers(std::initializer_list<int64_t> values, const Device& device) {
  return tensor(std::vector<int64_t>(values), {static_cast<int64_t>(values.size())},
                {.device = device});
}

/// The gradient, or zeros where the output does not depend on the input.
inline std::vector<double> values_of(const Tensor& gradient, const Tensor& like) {
  return gradient.defined() ? gradient.to_vector<double>()
                            : std::vector<double>(static_cast<size_t>(like.numel()), 0.0);
}

}  // namespace cuttle::test
