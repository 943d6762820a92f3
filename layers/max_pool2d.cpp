// MaxPool2d: checks, and the call of the operation.
#include "max_pool2d.h"

namespace cuttle {
namespace {

/// "2" where both are equal, else "(2, 1)".
std::string short_form(Pair pair) {
  const std::string height = std::to_string(pair.height);
  return pair.height == pair.width ? height
                                   : "(" + height + ", " + std::to_string(pair.width) + ")";
}

void check_at_least_1(const char* what, Pair value) {
  if (value.height < 1 || value.width < 1)
    fail("MaxPool2d: ", what, " must be at least 1, got ", short_form(value));
}

}  // namespace

MaxPool2d::MaxPool2d(Pair kernel_size, const MaxPool2dOptions& options)
    : kernel_size_(kernel_size), options_(options) {
  constructed_from<MaxPool2d>(kernel_size, options);
  check_at_least_1("kernel_size", kernel_size);
  check_at_least_1("stride", options.stride.value_or(kernel_size));
  check_at_least_1("dilation", options.dilation);
  const Pair& padding = options.padding;
  if (padding.height < 0 || padding.width < 0 || 2 * padding.height > kernel_size.height ||
      2 * padding.width > kernel_size.width)
    fail("MaxPool2d: padding must be between 0 and half the kernel_size ", short_form(kernel_size),
         ", got ", short_form(padding));
}

Tensor MaxPool2d::forward(const Tensor& input) {
  return max_pool2d(input, kernel_size_, options_);
}

std::string MaxPool2d::extra_repr() const {
  return "kernel_size=" + short_form(kernel_size_) +
         ", stride=" + short_form(options_.stride.value_or(kernel_size_)) +
         ", padding=" + short_form(options_.padding) +
         ", dilation=" + short_form(options_.dilation) +
         ", ceil_mode=" + (options_.ceil_mode ? "True" : "False");
}

}  // namespace cuttle
