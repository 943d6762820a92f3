// The mean of each window: AvgPool2d, AvgPool1d and the adaptive ones.
#pragma once

#include "../../core/ops/adaptive_pool.h"
#include "../../core/ops/avg_pool.h"
#include "../module.h"

namespace cuttle {

/// torch.nn.AvgPool2d: input (N, C, H, W) or (C, H, W), gives (N, C, OH, OW) or (C, OH, OW).
class AvgPool2d : public Module {
 public:
  explicit AvgPool2d(Pair kernel_size, const AvgPool2dOptions& options = {})
      : kernel_size_(kernel_size), options_(options) {
    constructed_from<AvgPool2d>(kernel_size, options);
  }
  /// AvgPool2d({3, 2}): without it the braces might as well be another layer's arguments.
  explicit AvgPool2d(const int64_t (&kernel_size)[2], const AvgPool2dOptions& options = {})
      : AvgPool2d(Pair(kernel_size[0], kernel_size[1]), options) {}
  /// PyTorch's positional arguments: AvgPool2d(3, 2, 1).
  AvgPool2d(Pair kernel_size, Pair stride, Pair padding = 0)
      : AvgPool2d(kernel_size, AvgPool2dOptions{.stride = stride, .padding = padding}) {}

  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;

 private:
  Pair kernel_size_;
  AvgPool2dOptions options_;
};

/// torch.nn.AvgPool1d: the same of (N, C, L) or (C, L).
class AvgPool1d : public Module {
 public:
  explicit AvgPool1d(int64_t kernel_size, const AvgPool1dOptions& options = {})
      : kernel_size_(kernel_size), options_(options) {
    constructed_from<AvgPool1d>(kernel_size, options);
  }

  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;

 private:
  int64_t kernel_size_;
  AvgPool1dOptions options_;
};

/// torch.nn.AdaptiveAvgPool2d: the means of as many windows as the output has places; of size 1,
/// those of whole planes.
class AdaptiveAvgPool2d : public Module {
 public:
  explicit AdaptiveAvgPool2d(const OutputSize& output_size) : output_size_(output_size) {
    constructed_from<AdaptiveAvgPool2d>(output_size);
  }

  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;

 private:
  OutputSize output_size_;
};

/// torch.nn.AdaptiveAvgPool1d: the same of (N, C, L) or (C, L).
class AdaptiveAvgPool1d : public Module {
 public:
  explicit AdaptiveAvgPool1d(int64_t output_size) : output_size_(output_size) {
    constructed_from<AdaptiveAvgPool1d>(output_size);
  }

  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;

 private:
  int64_t output_size_;
};

}  // namespace cuttle
