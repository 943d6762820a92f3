// InstanceNorm1d, InstanceNorm2d, InstanceNorm3d: each channel of each image by its own mean and
// variance.
#pragma once

#include "channel_norm.h"

namespace cuttle {

struct InstanceNormOptions {
  double eps = 1e-5;
  std::optional<double> momentum = 0.1;  // unset: the running statistics stay as they are
  bool affine = false;
  bool track_running_stats = false;
};

/// What all have: see instance_norm. num_features must be the input's channels where there are
/// parameters or running statistics of that size.
class InstanceNorm : public ChannelNorm {
 public:
  Tensor forward(const Tensor& input) override;

 protected:
  /// `unbatched_dims`: of an input without N.
  InstanceNorm(const char* layer, int unbatched_dims, int64_t num_features,
               const InstanceNormOptions& options);

 private:
  int unbatched_dims_;
};

/// torch.nn.InstanceNorm1d: input (N, C, L) or (C, L).
class InstanceNorm1d : public InstanceNorm {
 public:
  explicit InstanceNorm1d(int64_t num_features, const InstanceNormOptions& options = {})
      : InstanceNorm("InstanceNorm1d", 2, num_features, options) {
    constructed_from<InstanceNorm1d>(num_features, options);
  }
};

/// torch.nn.InstanceNorm2d: input (N, C, H, W) or (C, H, W).
class InstanceNorm2d : public InstanceNorm {
 public:
  explicit InstanceNorm2d(int64_t num_features, const InstanceNormOptions& options = {})
      : InstanceNorm("InstanceNorm2d", 3, num_features, options) {
    constructed_from<InstanceNorm2d>(num_features, options);
  }
};

/// torch.nn.InstanceNorm3d: input (N, C, D, H, W) or (C, D, H, W).
class InstanceNorm3d : public InstanceNorm {
 public:
  explicit InstanceNorm3d(int64_t num_features, const InstanceNormOptions& options = {})
      : InstanceNorm("InstanceNorm3d", 4, num_features, options) {}
};

}  // namespace cuttle
