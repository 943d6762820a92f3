// Random numbers in a tensor's place, and drawn by a tensor's values.
#pragma once

#include <cstdint>
#include <optional>

#include "../generator.h"

namespace cuttle {

class Tensor;

/// What Tensor inherits: random numbers (more in core/ops/random.h). Those whose names end in _
/// fill the tensor, element by element in row-major order whatever its strides, and return it; it
/// forgets its history, as after fill_. Without a generator they draw from the device's default
/// one. Throws Error for a dtype or parameters that make no such distribution.
class RandomMethods {
 public:
  /// Uniform on [from, to).
  Tensor& uniform_(double from = 0, double to = 1, const std::optional<Generator>& generator = {});
  Tensor& normal_(double mean = 0, double std = 1, const std::optional<Generator>& generator = {});
  /// With density lambd · exp(−lambd · x); never 0 on a GPU.
  Tensor& exponential_(double lambd = 1, const std::optional<Generator>& generator = {});
  /// The number of trials until one succeeds, each with probability p.
  Tensor& geometric_(double p, const std::optional<Generator>& generator = {});
  /// Whole numbers: on [from, to); on [0, to); all that the dtype has from 0 on (2²⁴ for float32).
  Tensor& random_(int64_t from, int64_t to, const std::optional<Generator>& generator = {});
  Tensor& random_(int64_t to, const std::optional<Generator>& generator = {});
  Tensor& random_(const std::optional<Generator>& generator = {});
  /// 1 with probability p, else 0.
  Tensor& bernoulli_(double p = 0.5, const std::optional<Generator>& generator = {});
  /// Each element with the probability at its place in `p`, which broadcasts.
  Tensor& bernoulli_(const Tensor& p, const std::optional<Generator>& generator = {});

  /// 0 or 1 in this tensor's dtype, 1 with the probability that each element is (floating types).
  Tensor bernoulli(const std::optional<Generator>& generator = {}) const;
  /// Like this tensor, 1 with probability p, else 0.
  Tensor bernoulli(double p, const std::optional<Generator>& generator = {}) const;
  /// For each row of weights (C) or (N, C), floating, the indices (int64) of `num_samples` draws.
  /// The weights need not sum to 1. Throws Error for a weight that is negative or not finite, a row
  /// of zeros, or, without replacement, more samples than weights.
  Tensor multinomial(int64_t num_samples, bool replacement = false,
                     const std::optional<Generator>& generator = {}) const;

 protected:
  RandomMethods() = default;
  RandomMethods(const RandomMethods&) = default;
  RandomMethods& operator=(const RandomMethods&) = default;
  ~RandomMethods() = default;
};

}  // namespace cuttle
