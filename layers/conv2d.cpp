// Conv2d: checks, parameters, and the call of the operation.
#include "conv2d.h"

#include <sstream>

#include "../core/creation.h"
#include "init.h"

namespace cuttle {
namespace {

void check_at_least(int64_t least, const char* what, Pair value) {
  if (value.height < least || value.width < least)
    fail("Conv2d: ", what, " must be at least ", least, ", got ", value);
}

Shape weight_shape(int64_t in_channels, int64_t out_channels, Pair kernel_size,
                   const Conv2dOptions& options) {
  if (in_channels < 1 || out_channels < 1)
    fail("Conv2d: in_channels and out_channels must be at least 1, got ", in_channels, " and ",
         out_channels);
  check_at_least(1, "kernel_size", kernel_size);
  check_at_least(1, "stride", options.stride);
  check_at_least(0, "padding", options.padding);
  check_at_least(1, "dilation", options.dilation);
  if (options.groups < 1) fail("Conv2d: groups must be at least 1, got ", options.groups);
  if (in_channels % options.groups != 0 || out_channels % options.groups != 0)
    fail("Conv2d: groups must divide the channels, got in_channels ", in_channels,
         ", out_channels ", out_channels, " and groups ", options.groups);
  return {out_channels, in_channels / options.groups, kernel_size.height, kernel_size.width};
}

}  // namespace

Conv2d::Conv2d(int64_t in_channels, int64_t out_channels, Pair kernel_size,
               const Conv2dOptions& options)
    : weight(register_parameter(
          "weight", empty(weight_shape(in_channels, out_channels, kernel_size, options), {},
                          MemoryFormat::channels_last))),
      bias(register_parameter("bias", options.bias ? empty({out_channels}) : Tensor())),
      options_(options) {
  constructed_from<Conv2d>(in_channels, out_channels, kernel_size, options);
  reset_parameters();
}

Tensor Conv2d::forward(const Tensor& input) {
  return conv2d(input, weight, bias, options_);
}

std::string Conv2d::extra_repr() const {
  const auto is = [](Pair pair, int64_t value) {
    return pair.height == value && pair.width == value;
  };
  std::ostringstream text;
  text << weight.size(1) * options_.groups << ", " << weight.size(0)
       << ", kernel_size=" << Pair(weight.size(2), weight.size(3))
       << ", stride=" << options_.stride;
  if (!is(options_.padding, 0)) text << ", padding=" << options_.padding;
  if (!is(options_.dilation, 1)) text << ", dilation=" << options_.dilation;
  if (options_.groups != 1) text << ", groups=" << options_.groups;
  if (!bias.defined()) text << ", bias=False";
  return text.str();
}

void Conv2d::reset_parameters() {
  init::default_weight_and_bias_(weight, bias);
}

}  // namespace cuttle
