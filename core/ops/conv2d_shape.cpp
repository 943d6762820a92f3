#include "conv2d_shape.h"

#include <algorithm>

#include "../creation.h"
#include "../dispatch.h"
#include "rearrange.h"

namespace cuttle {
namespace {

constexpr size_t kAll[] = {0, 1, 2};  // depth, height, width

void check_settings(const ConvolutionSettings& s) {
  const auto at_least = [&](const char* what, const Extents& values, int64_t least,
                            const char* must) {
    for (const int64_t value : values)
      if (value < least)
        fail(s.function(), ": the ", what, " must ", must, ", got ", s.text(values));
  };
  at_least("stride", s.stride, 1, "be at least 1");
  at_least("dilation", s.dilation, 1, "be at least 1");
  at_least("padding", s.padding, 0, "not be negative");
  at_least("output_padding", s.output_padding, 0, "not be negative");
  if (s.groups < 1) fail(s.function(), ": groups must be at least 1, got ", s.groups);
  if (s.padding_kind == PaddingKind::same && !s.all(s.stride, 1))
    fail(s.function(), ": padding \"same\" needs a stride of 1, got ", s.text(s.stride));
}

// "(N, C, D, H, W)" and "(O, C / groups, KD, KH, KW)".
std::string letters(const ConvolutionSettings& s, bool of_weight) {
  const char* const input[] = {"(N, C, L)", "(N, C, H, W)", "(N, C, D, H, W)"};
  const char* const kernel[] = {"K)", "KH, KW)", "KD, KH, KW)"};
  if (!of_weight) return input[s.dims - 1];
  return std::string(s.transposed ? "(C, O / groups, " : "(O, C / groups, ") + kernel[s.dims - 1];
}

void check_tensors(const Tensor& input, const Tensor& weight, const Tensor& bias,
                   const ConvolutionSettings& s) {
  const std::string_view op = s.function();
  check_defined(op, input);
  check_defined(op, weight);
  check_same_device(op, {&input, &weight, &bias});
  check_same_dtype(op, {&input, &weight, &bias});
  if (!is_floating_point(input.dtype()))
    fail(op, ": expected a floating dtype, got ", input.dtype(),
         "; convert first, with .to(float32) for example");
  if (input.dim() != s.dims + 2)
    fail(op, ": expected an input of shape ", letters(s, false), ", got ", input.shape(),
         input.dim() != s.dims + 1 ? ""
         : s.dims == 2             ? "; a single image needs .unsqueeze(0)"
                                   : "; a single example needs .unsqueeze(0)");
  if (weight.dim() != s.dims + 2)
    fail(op, ": expected a weight of shape ", letters(s, true), ", got ", weight.shape());
  const int64_t c = s.transposed ? weight.size(0) : weight.size(1) * s.groups;
  const int64_t o = s.transposed ? weight.size(1) * s.groups : weight.size(0);
  if (input.size(1) != c)
    fail(op, ": expected ", c, " input channels, got ", input.size(1), " (input ", input.shape(),
         ", weight ", weight.shape(), ", groups ", s.groups, ")");
  if (s.transposed && (c == 0 || c % s.groups != 0))
    fail(op, ": ", c, " input channels cannot be split into ", s.groups, " groups");
  if (o == 0 || o % s.groups != 0)
    fail(op, ": ", o, " output channels cannot be split into ", s.groups, " groups");
  if (bias.defined() && bias.shape() != Shape{o})
    fail(op, ": the bias must have shape [", o, "], got ", bias.shape());
}

// The sizes behind the first two dimensions, as Extents.
Extents sizes_of(const Tensor& x) {
  Extents sizes = {1, 1, 1};
  for (int d = 2; d < x.dim(); ++d) sizes[size_t(3 - x.dim() + d)] = x.size(d);
  return sizes;
}

// The input with what lies around it, two numbers a dimension from the last one on.
Tensor padded(const Tensor& x, const ConvolutionSettings& s, const Extents& front,
              const Extents& behind) {
  std::vector<int64_t> numbers;
  for (int d = 0; d < s.dims; ++d) {
    numbers.push_back(front[size_t(2 - d)]);
    numbers.push_back(behind[size_t(2 - d)]);
  }
  return pad(x, numbers, s.padding_mode.name());
}

// Output sizes of a transposed convolution without output_padding.
Extents least_sizes(const ConvolutionShape& s) {
  Extents sizes;
  for (const size_t d : kAll)
    sizes[d] =
        (s.out[d] - 1) * s.stride[d] - 2 * s.padding[d] + s.dilation[d] * (s.kernel[d] - 1) + 1;
  return sizes;
}

// What output_size, the result's shape or what it has behind its first two dimensions, adds to the
// least sizes.
Extents output_padding_for(const Shape& output_size, const Tensor& input,
                           const ConvolutionSettings& settings, const Extents& least) {
  const std::string_view op = settings.function();
  const int leading = output_size.size() - settings.dims;
  if (leading != 0 && leading != 2)
    fail(op, ": output_size must have ", settings.dims, " numbers, got ", output_size);
  Extents extra = {};
  for (int d = 0; d < settings.dims; ++d) {
    const size_t at = size_t(3 - settings.dims + d);
    extra[at] = output_size[leading + d] - least[at];
    if (extra[at] < 0 || extra[at] >= settings.stride[at])
      fail(op, ": output_size ", output_size, " cannot come from the input ", input.shape(),
           ": number ", leading + d, " of it may be ", least[at], " to ",
           least[at] + settings.stride[at] - 1);
  }
  return extra;
}

}  // namespace

kernels::Conv2dShape ConvolutionShape::plane() const {
  return {.n = n,
          .c = c,
          .h = in[1],
          .w = in[2],
          .o = o,
          .kh = kernel[1],
          .kw = kernel[2],
          .oh = out[1],
          .ow = out[2],
          .stride_h = stride[1],
          .stride_w = stride[2],
          .padding_h = padding[1],
          .padding_w = padding[2],
          .dilation_h = dilation[1],
          .dilation_w = dilation[2],
          .groups = groups};
}

PreparedConvolution prepare_convolution(const Tensor& input, const Tensor& weight,
                                        const Tensor& bias, const ConvolutionSettings& settings) {
  check_settings(settings);
  check_tensors(input, weight, bias, settings);
  PreparedConvolution result{input, {.n = input.size(0), .c = input.size(1)}};
  ConvolutionShape& s = result.shape;
  s.o = weight.size(0), s.groups = settings.groups;
  s.kernel = sizes_of(weight);
  s.stride = settings.stride, s.dilation = settings.dilation;
  Extents front = settings.padding, behind = settings.padding;
  if (settings.padding_kind == PaddingKind::same)
    for (const size_t d : kAll) {
      const int64_t total = std::max<int64_t>(0, s.dilation[d] * (s.kernel[d] - 1));
      front[d] = total / 2, behind[d] = total - front[d];
    }
  if (!settings.padding_mode.is_zeros() && !(settings.all(front, 0) && settings.all(behind, 0))) {
    result.x = padded(input, settings, front, behind);
    front = behind = {};
  }
  s.in = sizes_of(result.x);
  s.padding = front;
  for (const size_t d : kAll) {
    const int64_t room = s.in[d] + front[d] + behind[d] - s.dilation[d] * (s.kernel[d] - 1) - 1;
    if (s.kernel[d] < 1 || room < 0)
      fail(settings.function(), ": the kernel ", settings.text(s.kernel), " with dilation ",
           settings.text(s.dilation), " does not fit into the input ", input.shape(),
           " with padding ", settings.padding_text(), "; use more padding or a smaller kernel");
    s.out[d] = room / s.stride[d] + 1;
  }
  return result;
}

ConvolutionShape transposed_convolution_shape(const Tensor& input, const Tensor& weight,
                                              const Tensor& bias,
                                              const ConvolutionSettings& settings,
                                              const std::optional<Shape>& output_size) {
  const std::string_view op = settings.function();
  check_settings(settings);
  check_tensors(input, weight, bias, settings);
  ConvolutionShape s{.n = input.size(0),
                     .c = weight.size(1) * settings.groups,
                     .o = input.size(1),
                     .groups = settings.groups};
  s.kernel = sizes_of(weight), s.out = sizes_of(input);
  s.stride = settings.stride, s.padding = settings.padding, s.dilation = settings.dilation;
  if (std::ranges::min(s.out) < 1 || std::ranges::min(s.kernel) < 1)
    fail(op, ": neither the input ", input.shape(), " nor the kernel ", settings.text(s.kernel),
         " may be empty");
  s.in = least_sizes(s);
  const Extents extra = output_size ? output_padding_for(*output_size, input, settings, s.in)
                                    : settings.output_padding;
  for (const size_t d : kAll) {
    if (extra[d] >= std::max(s.stride[d], s.dilation[d]))
      fail(op, ": the output_padding ", settings.text(extra), " must be smaller than the stride ",
           settings.text(s.stride), " or the dilation ", settings.text(s.dilation));
    s.in[d] += extra[d];
  }
  if (std::ranges::min(s.in) < 1)
    fail(op, ": the padding ", settings.text(s.padding), " leaves an output of ",
         settings.text(s.in), " of the input ", input.shape(), "; use less padding");
  return s;
}

Tensor channels_last(const Tensor& x) {
  return x.contiguous(MemoryFormat::channels_last);
}

Tensor empty_channels_last(const Shape& shape, const Tensor& like) {
  return empty(shape, {.dtype = like.dtype(), .device = like.device()},
               MemoryFormat::channels_last);
}

}  // namespace cuttle
