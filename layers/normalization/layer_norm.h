// LayerNorm and RMSNorm: the last dimensions of each element of the batch by themselves.
#pragma once

#include <optional>

#include "../module.h"

namespace cuttle {

struct LayerNormOptions {
  double eps = 1e-5;
  bool elementwise_affine = true;
  bool bias = true;
};

/// torch.nn.LayerNorm: LayerNorm(512), LayerNorm({3, 32}); see layer_norm. weight starts as ones
/// and bias as zeros, of the normalized_shape.
class LayerNorm : public Module {
 public:
  /// Throws Error for no dimension or a negative size.
  explicit LayerNorm(const Shape& normalized_shape, const LayerNormOptions& options = {});
  explicit LayerNorm(int64_t normalized_size, const LayerNormOptions& options = {})
      : LayerNorm(Shape{normalized_size}, options) {}

  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;
  void reset_parameters();

  Parameter& weight;  // undefined without elementwise_affine
  Parameter& bias;    // undefined without either option

 private:
  Shape normalized_shape_;
  double eps_;
};

struct RMSNormOptions {
  std::optional<double> eps = {};  // unset: the input dtype's epsilon
  bool elementwise_affine = true;
};

/// torch.nn.RMSNorm; see rms_norm. weight starts as ones.
class RMSNorm : public Module {
 public:
  /// Throws Error for no dimension or a negative size.
  explicit RMSNorm(const Shape& normalized_shape, const RMSNormOptions& options = {});
  explicit RMSNorm(int64_t normalized_size, const RMSNormOptions& options = {})
      : RMSNorm(Shape{normalized_size}, options) {}

  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;
  void reset_parameters();

  Parameter& weight;  // undefined without elementwise_affine

 private:
  Shape normalized_shape_;
  std::optional<double> eps_;
};

}  // namespace cuttle
