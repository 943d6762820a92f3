// The options of every convolution in one form, whatever the number of dimensions. For core/ops and
// layers.
#pragma once

#include <optional>
#include <string>

#include "../tensor.h"
#include "convolution_options.h"

namespace cuttle {

struct ConvolutionSettings {
  int dims = 2;
  bool transposed = false;
  Extents stride, padding, dilation, output_padding;
  PaddingKind padding_kind = PaddingKind::numbers;
  PaddingMode padding_mode = "zeros";
  int64_t groups = 1;

  template <class Sizes>
  ConvolutionSettings(const ConvolutionOptions<Sizes>& options)  // NOLINT: another form of it
      : dims(Sizes::kDims),
        stride(options.stride.extents(1)),
        padding(options.padding.numbers.extents(0)),
        dilation(options.dilation.extents(1)),
        output_padding{},
        padding_kind(options.padding.kind),
        padding_mode(options.padding_mode),
        groups(options.groups) {}
  template <class Sizes>
  ConvolutionSettings(const TransposedConvolutionOptions<Sizes>& options)  // NOLINT
      : dims(Sizes::kDims),
        transposed(true),
        stride(options.stride.extents(1)),
        padding(options.padding.extents(0)),
        dilation(options.dilation.extents(1)),
        output_padding(options.output_padding.extents(0)),
        groups(options.groups) {}

  /// The function's name: "conv2d", "conv_transpose2d".
  std::string_view function() const;
  /// True if the dimensions that there are all have that value.
  bool all(const Extents& extents, int64_t value) const;
  /// "(2, 1)": the dimensions that there are, as Python prints them.
  std::string text(const Extents& extents) const;
  /// The same, or "same" or "valid".
  std::string padding_text() const;
};

/// Any of the functions of conv2d.h and convolution.h. Of a transposed one `output_size` are the
/// sizes to give, which it then finds the output_padding for.
Tensor convolution(const Tensor& input, const Tensor& weight, const Tensor& bias,
                   const ConvolutionSettings& settings,
                   const std::optional<Shape>& output_size = {});

}  // namespace cuttle
