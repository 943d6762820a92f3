// The values and gradients of tests/golden/generate_optim.py: simple fractions, exact in float32.
#pragma once

#include <cuttle/core/creation.h>

#include <vector>

namespace cuttle::test {

inline Tensor pattern(const Shape& shape, const TensorOptions& options, int64_t factor,
                      int64_t shift, int64_t modulus, double scale) {
  std::vector<double> values(static_cast<size_t>(shape.numel()));
  for (size_t i = 0; i < values.size(); ++i)
    values[i] =
        static_cast<double>((factor * static_cast<int64_t>(i) + shift) % modulus - modulus / 2) /
        scale;
  return tensor(values, shape, {.dtype = float64}).to(options.device, *options.dtype);
}

/// Parameter p before the first step.
inline Tensor initial_value(int64_t p, const Shape& shape, const TensorOptions& options) {
  return pattern(shape, options, 5, 3 * p, 13, 4);
}

/// Its gradient in step s, from 0.
inline Tensor gradient_at(int64_t p, int64_t s, const Shape& shape, const TensorOptions& options) {
  return pattern(shape, options, 7, 5 * p + 3 * s, 11, 8);
}

}  // namespace cuttle::test
