// GroupNorm: groups of channels, image by image; LocalResponseNorm: by neighbouring channels.
#pragma once

#include "../module.h"

namespace cuttle {

struct GroupNormOptions {
  double eps = 1e-5;
  bool affine = true;
};

/// torch.nn.GroupNorm; see group_norm. weight (num_channels) starts as ones and bias as zeros.
class GroupNorm : public Module {
 public:
  /// Throws Error unless num_groups divides num_channels.
  GroupNorm(int64_t num_groups, int64_t num_channels, const GroupNormOptions& options = {});

  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;
  void reset_parameters();

  Parameter& weight;  // undefined without affine, as is bias
  Parameter& bias;

 private:
  int64_t num_groups_, num_channels_;
  double eps_;
};

struct LocalResponseNormOptions {
  double alpha = 1e-4;
  double beta = 0.75;
  double k = 1;
};

/// torch.nn.LocalResponseNorm; see local_response_norm.
class LocalResponseNorm : public Module {
 public:
  /// Throws Error for a size below 1.
  explicit LocalResponseNorm(int64_t size, const LocalResponseNormOptions& options = {});

  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;

 private:
  int64_t size_;
  LocalResponseNormOptions options_;
};

}  // namespace cuttle
