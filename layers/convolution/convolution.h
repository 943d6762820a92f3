// What the layers Conv1d, Conv2d, Conv3d and their transposed ones have in common: parameters,
// checks, the printed form.
#pragma once

#include "../../core/ops/convolution_settings.h"
#include "../module.h"

namespace cuttle {

/// weight (out_channels, in_channels / groups, K…), of a transposed layer (in_channels,
/// out_channels / groups, K…), and bias (out_channels) start uniform on ±1 / √(weight.size(1) ·
/// K…), PyTorch's values. Those of two dimensions are stored channels-last.
class Convolution : public Module {
 public:
  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;
  /// Draws the initial values anew.
  void reset_parameters();

  Parameter& weight;
  Parameter& bias;  // undefined without

 protected:
  /// Throws Error for sizes below 1, negative padding, a padding "same" with a stride, and channels
  /// that `groups` does not divide.
  Convolution(int64_t in_channels, int64_t out_channels, const Extents& kernel_size,
              const ConvolutionSettings& settings, bool with_bias);

  const ConvolutionSettings& settings() const noexcept { return settings_; }

 private:
  ConvolutionSettings settings_;
};

/// What the class Layer, of Sizes::kDims dimensions, derives from; its input is (N, in_channels,
/// …).
template <class Layer, class Sizes>
class ConvolutionOf : public Convolution {
 public:
  using Options = ConvolutionOptions<Sizes>;

  ConvolutionOf(int64_t in_channels, int64_t out_channels, Sizes kernel_size,
                const Options& options = {})
      : Convolution(in_channels, out_channels, kernel_size.extents(1), options, options.bias),
        options_(options) {
    constructed_from<Layer>(in_channels, out_channels, kernel_size, options);
  }
  /// PyTorch's positional arguments: Conv2d(3, 32, 5, 1, 2). (A stride in braces needs its name,
  /// {.stride = {2, 1}}: alone they might as well be the options, and do not compile.)
  ConvolutionOf(int64_t in_channels, int64_t out_channels, Sizes kernel_size, Sizes stride,
                Padding<Sizes> padding = 0)
      : ConvolutionOf(in_channels, out_channels, kernel_size,
                      Options{.stride = stride, .padding = padding}) {}

  const Options& options() const noexcept { return options_; }

 private:
  Options options_;
};

/// The same of a transposed layer.
template <class Layer, class Sizes>
class TransposedConvolutionOf : public Convolution {
 public:
  using Options = TransposedConvolutionOptions<Sizes>;

  TransposedConvolutionOf(int64_t in_channels, int64_t out_channels, Sizes kernel_size,
                          const Options& options = {})
      : Convolution(in_channels, out_channels, kernel_size.extents(1), options, options.bias),
        options_(options) {
    constructed_from<Layer>(in_channels, out_channels, kernel_size, options);
  }
  /// PyTorch's positional arguments: ConvTranspose2d(64, 32, 3, 2, 1, 1).
  TransposedConvolutionOf(int64_t in_channels, int64_t out_channels, Sizes kernel_size,
                          Sizes stride, Sizes padding = 0, Sizes output_padding = 0)
      : TransposedConvolutionOf(
            in_channels, out_channels, kernel_size,
            Options{.stride = stride, .padding = padding, .output_padding = output_padding}) {}

  using Convolution::forward;
  /// With the sizes that the output shall have behind its channels: a stride rounds several to one
  /// input, and output_padding is what chooses between them. Throws Error for one that cannot be.
  Tensor forward(const Tensor& input, const Shape& output_size) {
    return convolution(input, weight, bias, settings(), output_size);
  }
  using Module::operator();
  Tensor operator()(const Tensor& input, const Shape& output_size) {
    return call([&](const Tensor& in) { return forward(in, output_size); }, input);
  }

  const Options& options() const noexcept { return options_; }

 private:
  Options options_;
};

}  // namespace cuttle
