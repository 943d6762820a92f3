// New tensors of random numbers.
#pragma once

#include <concepts>
#include <optional>

#include "../generator.h"
#include "../tensor.h"

namespace cuttle {

// All of them draw from `generator` or, without one, from the default generator of the tensor's
// device: PyTorch's Twister on the CPU, Philox on a GPU (core/generator.h), which gives the same
// bits as a Philox generator of the same seed on the CPU. Nothing here is recorded for gradients.

/// Uniform on [0, 1).
Tensor rand(const Shape& shape, const TensorOptions& options = {},
            const std::optional<Generator>& generator = {});
/// Normal with mean 0 and standard deviation 1.
Tensor randn(const Shape& shape, const TensorOptions& options = {},
             const std::optional<Generator>& generator = {});
/// Uniform integers on [low, high), int64 without a dtype. Throws Error for a dtype that cannot
/// hold all of them (float32 counts to 2²⁴).
Tensor randint(int64_t low, int64_t high, const Shape& shape, const TensorOptions& options = {},
               const std::optional<Generator>& generator = {});
/// On [0, high).
Tensor randint(int64_t high, const Shape& shape, const TensorOptions& options = {},
               const std::optional<Generator>& generator = {});
/// A random permutation of 0 … n − 1, int64 without a dtype. With Philox the order of random keys
/// of 64 bits, sorted on the device.
Tensor randperm(int64_t n, const TensorOptions& options = {},
                const std::optional<Generator>& generator = {});
Tensor randperm(int64_t n, const Generator& generator);

/// Of the shape, dtype, device and layout of `like`, where the options do not say otherwise.
Tensor rand_like(const Tensor& like, const LikeOptions& options = {},
                 const std::optional<Generator>& generator = {});
Tensor randn_like(const Tensor& like, const LikeOptions& options = {},
                  const std::optional<Generator>& generator = {});
Tensor randint_like(const Tensor& like, int64_t low, int64_t high, const LikeOptions& options = {},
                    const std::optional<Generator>& generator = {});
Tensor randint_like(const Tensor& like, int64_t high, const LikeOptions& options = {},
                    const std::optional<Generator>& generator = {});

/// Normal, each element with a mean or a standard deviation (or both, broadcast) of its own, of the
/// tensors' dtype. Throws Error for a negative standard deviation given as a number.
Tensor normal(const Tensor& mean, const Tensor& std,
              const std::optional<Generator>& generator = {});
Tensor normal(const Tensor& mean, double std = 1, const std::optional<Generator>& generator = {});
Tensor normal(double mean, const Tensor& std, const std::optional<Generator>& generator = {});
Tensor normal(double mean, double std, const Shape& shape, const TensorOptions& options = {},
              const std::optional<Generator>& generator = {});

Tensor bernoulli(const Tensor& p, const std::optional<Generator>& generator = {});
Tensor bernoulli(const Tensor& like, double p, const std::optional<Generator>& generator = {});
Tensor multinomial(const Tensor& weights, int64_t num_samples, bool replacement = false,
                   const std::optional<Generator>& generator = {});

// The short forms.
Tensor rand(SizeArgument auto... sizes) {
  return rand(Shape{static_cast<int64_t>(sizes)...});
}
Tensor randn(SizeArgument auto... sizes) {
  return randn(Shape{static_cast<int64_t>(sizes)...});
}
Tensor rand(const Shape& shape, std::same_as<DType> auto dtype) {
  return rand(shape, {.dtype = dtype});
}
Tensor randn(const Shape& shape, std::same_as<DType> auto dtype) {
  return randn(shape, {.dtype = dtype});
}

}  // namespace cuttle
