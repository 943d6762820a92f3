// Test tensors in every layout, and plain loops over their indices: the oracles of this folder.
#pragma once

#include <cuttle/core/creation.h>
#include <cuttle/core/tensor.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace cuttle::test {

/// Values on [low, high) from a fixed seed, in double and then converted.
inline Tensor sample(const Shape& shape, const Device& device = {}, DType dtype = float64,
                     double low = -2, double high = 2, uint64_t seed = 1) {
  Generator generator(seed);
  std::vector<double> values(static_cast<size_t>(shape.numel()));
  generator.uniform(std::span(values), low, high);
  return tensor(values, shape, {.dtype = dtype, .device = device});
}

/// A leaf for gradient checks.
inline Tensor variable(const Shape& shape, const Device& device = {}, double low = -2,
                       double high = 2, uint64_t seed = 1) {
  return sample(shape, device, float64, low, high, seed).requires_grad_();
}

/// Tensors of one shape whose elements lie differently: dense, transposed, with gaps, with an
/// offset, repeated, channels last.
inline std::vector<std::pair<std::string, Tensor>> layouts(const Shape& shape, const Device& device,
                                                           DType dtype, double low = -2,
                                                           double high = 2) {
  std::vector<std::pair<std::string, Tensor>> all;
  all.emplace_back("contiguous", sample(shape, device, dtype, low, high));
  if (shape.empty()) return all;
  Shape reversed;
  std::vector<int64_t> order;
  for (int d = shape.size() - 1; d >= 0; --d) {
    reversed.push_back(shape[d]);
    order.push_back(d);
  }
  all.emplace_back("transposed", sample(reversed, device, dtype, low, high).permute(order));
  Shape wide = shape;
  wide[shape.size() - 1] = 2 * shape.back() + 1;
  all.emplace_back("gaps",
                   sample(wide, device, dtype, low, high).slice(-1, 1, 2 * shape.back() + 1, 2));
  Shape tall = shape;
  tall[0] += 2;
  all.emplace_back("offset", sample(tall, device, dtype, low, high).narrow(0, 1, shape[0]));
  Shape single = shape;
  single[0] = 1;
  all.emplace_back("repeated", sample(single, device, dtype, low, high).expand(shape));
  if (shape.size() == 4)
    all.emplace_back(
        "channels_last",
        sample(shape, device, dtype, low, high).contiguous(MemoryFormat::channels_last));
  return all;
}

/// The shapes that element-wise operations and copies are tried with.
inline std::vector<Shape> common_shapes() {
  return {{},        {0},      {1},       {31},         {33},     {1025},
          {3, 0, 2}, {31, 33}, {2, 3, 5}, {2, 3, 4, 5}, {1, 1025}};
}

/// Calls f(index) for every index of `shape`, row-major.
inline void for_each_index(const Shape& shape, const std::function<void(const Shape&)>& f) {
  Shape index = Shape::filled(shape.size(), 0);
  for (int64_t i = 0, n = shape.numel(); i < n; ++i) {
    f(index);
    for (int d = shape.size() - 1; d >= 0 && ++index[d] == shape[d]; --d) index[d] = 0;
  }
}

/// Row-major position of the element that broadcasting reads for `index` of a larger shape.
inline size_t position(const Shape& shape, const Shape& index) {
  int64_t at = 0;
  for (int d = 0; d < shape.size(); ++d) {
    const int64_t i = index[index.size() - shape.size() + d];
    at = at * shape[d] + (shape[d] == 1 ? 0 : i);
  }
  return static_cast<size_t>(at);
}

}  // namespace cuttle::test
