// MaxPool2d: checks, and the call of the operation.
#include "max_pool2d.h"

#include "format.h"

namespace cuttle {
namespace {

void check_at_least_1(const char* what, Pair value) {
  if (value.height < 1 || value.width < 1)
    fail("MaxPool2d: ", what, " must be at least 1, got ", format_short(value));
}

}  // namespace

MaxPool2d::MaxPool2d(Pair kernel_size, const MaxPool2dOptions& options)
    : kernel_size_(kernel_size), options_(options) {
  check_at_least_1("kernel_size", kernel_size);
  check_at_least_1("stride", options.stride.value_or(kernel_size));
  check_at_least_1("dilation", options.dilation);
  const Pair& padding = options.padding;
  if (padding.height < 0 || padding.width < 0 || 2 * padding.height > kernel_size.height ||
      2 * padding.width > kernel_size.width)
    fail("MaxPool2d: padding must be between 0 and half the kernel_size ",
         format_short(kernel_size), ", got ", format_short(padding));
}

Tensor MaxPool2d::forward(const Tensor& input) {
  return max_pool2d(input, kernel_size_, options_);
}

std::string MaxPool2d::extra_repr() const {
  return "kernel_size=" + format_short(kernel_size_) +
         ", stride=" + format_short(options_.stride.value_or(kernel_size_)) +
         ", padding=" + format_short(options_.padding) +
         ", dilation=" + format_short(options_.dilation) +
         ", ceil_mode=" + (options_.ceil_mode ? "True" : "False");
}

}  // namespace cuttle
