// BatchNorm1d, BatchNorm2d, BatchNorm3d: each channel by its mean and variance over the batch.
#pragma once

#include "../../core/ops/normalization/batch_norm.h"
#include "channel_norm.h"

namespace cuttle {

/// What all have: in training the batch's statistics, which are also kept as running averages, and
/// in evaluation those averages (those of the batch without track_running_stats). Nothing of it
/// waits for a GPU. See batch_norm.
class BatchNorm : public ChannelNorm {
 public:
  Tensor forward(const Tensor& input) override { return run(input, Activation::none); }
  /// relu() of that in the same pass; what Sequential calls where a ReLU follows.
  Tensor forward_relu(const Tensor& input) { return run(input, Activation::relu); }

 protected:
  using ChannelNorm::ChannelNorm;

 private:
  virtual void check_dims(const Tensor& input) const = 0;
  Tensor run(const Tensor& input, Activation activation);
};

/// torch.nn.BatchNorm1d: input (N, C) or (N, C, L).
class BatchNorm1d : public BatchNorm {
 public:
  explicit BatchNorm1d(int64_t num_features, const BatchNormOptions& options = {})
      : BatchNorm("BatchNorm1d", num_features, options) {
    constructed_from<BatchNorm1d>(num_features, options);
  }

 private:
  void check_dims(const Tensor& input) const override;
};

/// torch.nn.BatchNorm2d: input (N, C, H, W).
class BatchNorm2d : public BatchNorm {
 public:
  explicit BatchNorm2d(int64_t num_features, const BatchNormOptions& options = {})
      : BatchNorm("BatchNorm2d", num_features, options) {
    constructed_from<BatchNorm2d>(num_features, options);
  }

 private:
  void check_dims(const Tensor& input) const override;
};

/// torch.nn.BatchNorm3d: input (N, C, D, H, W).
class BatchNorm3d : public BatchNorm {
 public:
  explicit BatchNorm3d(int64_t num_features, const BatchNormOptions& options = {})
      : BatchNorm("BatchNorm3d", num_features, options) {
    constructed_from<BatchNorm3d>(num_features, options);
  }

 private:
  void check_dims(const Tensor& input) const override;
};

}  // namespace cuttle
