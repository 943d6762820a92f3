// The largest element of each window: MaxPool2d, MaxPool1d, the adaptive ones; and MaxUnpool2d.
#pragma once

#include "../../core/ops/adaptive_pool.h"
#include "../../core/ops/max_pool2d.h"
#include "../module.h"

namespace cuttle {

/// torch.nn.MaxPool2d: input (N, C, H, W) or (C, H, W), gives (N, C, OH, OW) or (C, OH, OW). The
/// stride is the kernel's size
/// where none is given.
class MaxPool2d : public Module {
 public:
  /// Throws Error for sizes below 1 and for padding below 0 or above half the kernel.
  explicit MaxPool2d(Pair kernel_size, const MaxPool2dOptions& options = {});
  /// MaxPool2d({3, 2}): without it the braces might as well be another layer's arguments.
  explicit MaxPool2d(const int64_t (&kernel_size)[2], const MaxPool2dOptions& options = {})
      : MaxPool2d(Pair(kernel_size[0], kernel_size[1]), options) {}
  /// PyTorch's positional arguments: MaxPool2d(3, 2, 1). (A stride in braces needs its name,
  /// {.stride = Pair(2, 1)}: alone they might as well be the options, and do not compile.)
  MaxPool2d(Pair kernel_size, Pair stride, Pair padding = 0)
      : MaxPool2d(kernel_size, MaxPool2dOptions{.stride = stride, .padding = padding}) {}

  Tensor forward(const Tensor& input) override;
  /// PyTorch's return_indices: also where in its plane, row-major, each element was found.
  ValuesIndices forward_with_indices(const Tensor& input);
  std::string extra_repr() const override;

  const Pair& kernel_size() const noexcept { return kernel_size_; }
  const MaxPool2dOptions& options() const noexcept { return options_; }

 private:
  Pair kernel_size_;
  MaxPool2dOptions options_;
};

/// torch.nn.MaxPool1d: the same of (N, C, L) or (C, L).
class MaxPool1d : public Module {
 public:
  explicit MaxPool1d(int64_t kernel_size, const MaxPool1dOptions& options = {});

  Tensor forward(const Tensor& input) override;
  ValuesIndices forward_with_indices(const Tensor& input);
  std::string extra_repr() const override;

 private:
  int64_t kernel_size_;
  MaxPool1dOptions options_;
};

/// torch.nn.AdaptiveMaxPool2d: the largest elements of as many windows as the output has places.
class AdaptiveMaxPool2d : public Module {
 public:
  explicit AdaptiveMaxPool2d(const OutputSize& output_size) : output_size_(output_size) {
    constructed_from<AdaptiveMaxPool2d>(output_size);
  }

  Tensor forward(const Tensor& input) override;
  ValuesIndices forward_with_indices(const Tensor& input);
  std::string extra_repr() const override;

 private:
  OutputSize output_size_;
};

/// torch.nn.AdaptiveMaxPool1d: the same of (N, C, L) or (C, L).
class AdaptiveMaxPool1d : public Module {
 public:
  explicit AdaptiveMaxPool1d(int64_t output_size) : output_size_(output_size) {
    constructed_from<AdaptiveMaxPool1d>(output_size);
  }

  Tensor forward(const Tensor& input) override;
  ValuesIndices forward_with_indices(const Tensor& input);
  std::string extra_repr() const override;

 private:
  int64_t output_size_;
};

/// torch.nn.MaxUnpool2d: what MaxPool2d found back at its places, zeros elsewhere.
class MaxUnpool2d : public Module {
 public:
  explicit MaxUnpool2d(Pair kernel_size, const MaxUnpool2dOptions& options = {})
      : kernel_size_(kernel_size), options_(options) {
    constructed_from<MaxUnpool2d>(kernel_size, options);
  }

  using Module::forward;
  virtual Tensor forward(const Tensor& input, const Tensor& indices);
  Tensor operator()(const Tensor& input, const Tensor& indices) {
    return call([this](const Tensor& x, const Tensor& i) { return forward(x, i); }, input, indices);
  }
  std::string extra_repr() const override;

 private:
  Pair kernel_size_;
  MaxUnpool2dOptions options_;
};

}  // namespace cuttle
