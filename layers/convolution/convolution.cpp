// The convolution layers: checks, parameters, and the call of the operation.
#include "convolution.h"

#include <sstream>

#include "../../core/creation.h"
#include "../init.h"

namespace cuttle {
namespace {

// "Conv2d", "ConvTranspose2d".
std::string layer_name(const ConvolutionSettings& s) {
  return (s.transposed ? "ConvTranspose" : "Conv") + std::to_string(s.dims) + "d";
}

void check_at_least(int64_t least, const char* what, const Extents& values,
                    const ConvolutionSettings& s) {
  for (const int64_t value : values)
    if (value < least)
      fail(layer_name(s), ": ", what, " must be at least ", least, ", got ", s.text(values));
}

Tensor empty_weight(int64_t in_channels, int64_t out_channels, const Extents& kernel_size,
                    const ConvolutionSettings& s) {
  const std::string name = layer_name(s);
  if (in_channels < 1 || out_channels < 1)
    fail(name, ": in_channels and out_channels must be at least 1, got ", in_channels, " and ",
         out_channels);
  check_at_least(1, "kernel_size", kernel_size, s);
  check_at_least(1, "stride", s.stride, s);
  check_at_least(0, "padding", s.padding, s);
  check_at_least(0, "output_padding", s.output_padding, s);
  check_at_least(1, "dilation", s.dilation, s);
  if (s.padding_kind == PaddingKind::same && !s.all(s.stride, 1))
    fail(name, ": padding \"same\" needs a stride of 1, got ", s.text(s.stride));
  if (s.groups < 1) fail(name, ": groups must be at least 1, got ", s.groups);
  if (in_channels % s.groups != 0 || out_channels % s.groups != 0)
    fail(name, ": groups must divide the channels, got in_channels ", in_channels,
         ", out_channels ", out_channels, " and groups ", s.groups);
  Shape shape = s.transposed ? Shape{in_channels, out_channels / s.groups}
                             : Shape{out_channels, in_channels / s.groups};
  for (int d = 3 - s.dims; d < 3; ++d) shape.push_back(kernel_size[static_cast<size_t>(d)]);
  return empty(shape, {}, s.dims == 2 ? MemoryFormat::channels_last : MemoryFormat::contiguous);
}

}  // namespace

Convolution::Convolution(int64_t in_channels, int64_t out_channels, const Extents& kernel_size,
                         const ConvolutionSettings& settings, bool with_bias)
    : weight(register_parameter("weight",
                                empty_weight(in_channels, out_channels, kernel_size, settings))),
      bias(register_parameter("bias", with_bias ? empty({out_channels}) : Tensor())),
      settings_(settings) {
  reset_parameters();
}

Tensor Convolution::forward(const Tensor& input) {
  return convolution(input, weight, bias, settings_);
}

std::string Convolution::extra_repr() const {
  const ConvolutionSettings& s = settings_;
  const int64_t in = s.transposed ? weight.size(0) : weight.size(1) * s.groups;
  const int64_t out = s.transposed ? weight.size(1) * s.groups : weight.size(0);
  Extents kernel_size = {1, 1, 1};
  for (int d = 2; d < weight.dim(); ++d)
    kernel_size[static_cast<size_t>(3 - weight.dim() + d)] = weight.size(d);
  std::ostringstream text;
  text << in << ", " << out << ", kernel_size=" << s.text(kernel_size)
       << ", stride=" << s.text(s.stride);
  if (s.padding_kind != PaddingKind::numbers || !s.all(s.padding, 0))
    text << ", padding=" << s.padding_text();
  if (!s.all(s.dilation, 1)) text << ", dilation=" << s.text(s.dilation);
  if (!s.all(s.output_padding, 0)) text << ", output_padding=" << s.text(s.output_padding);
  if (s.groups != 1) text << ", groups=" << s.groups;
  if (!bias.defined()) text << ", bias=False";
  if (!s.padding_mode.is_zeros()) text << ", padding_mode=" << s.padding_mode.name();
  return text.str();
}

void Convolution::reset_parameters() {
  init::default_weight_and_bias_(weight, bias);
}

}  // namespace cuttle
