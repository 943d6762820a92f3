// Max pooling layers: checks, and the calls of their functions.
#include "max_pool.h"

#include <sstream>

#include "../printed_number.h"
#include "printed.h"

namespace cuttle {
namespace {

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

ValuesIndices MaxPool2d::forward_with_indices(const Tensor& input) {
  return with_path([&] { return max_pool2d_with_indices(input, kernel_size_, options_); });
}

std::string MaxPool2d::extra_repr() const {
  return "kernel_size=" + short_form(kernel_size_) +
         ", stride=" + short_form(options_.stride.value_or(kernel_size_)) +
         ", padding=" + short_form(options_.padding) +
         ", dilation=" + short_form(options_.dilation) +
         ", ceil_mode=" + printed_choice(options_.ceil_mode);
}

MaxPool1d::MaxPool1d(int64_t kernel_size, const MaxPool1dOptions& options)
    : kernel_size_(kernel_size), options_(options) {
  constructed_from<MaxPool1d>(kernel_size, options);
  if (kernel_size < 1 || options.stride.value_or(1) < 1 || options.dilation < 1)
    fail("MaxPool1d: kernel_size, stride and dilation must be at least 1, got ", kernel_size, ", ",
         options.stride.value_or(kernel_size), " and ", options.dilation);
  if (options.padding < 0 || 2 * options.padding > kernel_size)
    fail("MaxPool1d: padding must be between 0 and half the kernel_size ", kernel_size, ", got ",
         options.padding);
}

Tensor MaxPool1d::forward(const Tensor& input) {
  return max_pool1d(input, kernel_size_, options_);
}

ValuesIndices MaxPool1d::forward_with_indices(const Tensor& input) {
  return with_path([&] { return max_pool1d_with_indices(input, kernel_size_, options_); });
}

std::string MaxPool1d::extra_repr() const {
  std::ostringstream text;
  text << "kernel_size=" << kernel_size_ << ", stride=" << options_.stride.value_or(kernel_size_)
       << ", padding=" << options_.padding << ", dilation=" << options_.dilation
       << ", ceil_mode=" << printed_choice(options_.ceil_mode);
  return text.str();
}

Tensor AdaptiveMaxPool2d::forward(const Tensor& input) {
  return adaptive_max_pool2d(input, output_size_);
}

ValuesIndices AdaptiveMaxPool2d::forward_with_indices(const Tensor& input) {
  return with_path([&] { return adaptive_max_pool2d_with_indices(input, output_size_); });
}

std::string AdaptiveMaxPool2d::extra_repr() const {
  return "output_size=" + short_form(output_size_);
}

Tensor AdaptiveMaxPool1d::forward(const Tensor& input) {
  return adaptive_max_pool1d(input, output_size_);
}

ValuesIndices AdaptiveMaxPool1d::forward_with_indices(const Tensor& input) {
  return with_path([&] { return adaptive_max_pool1d_with_indices(input, output_size_); });
}

std::string AdaptiveMaxPool1d::extra_repr() const {
  return "output_size=" + std::to_string(output_size_);
}

Tensor MaxUnpool2d::forward(const Tensor& input, const Tensor& indices) {
  return max_unpool2d(input, indices, kernel_size_, options_);
}

std::string MaxUnpool2d::extra_repr() const {
  std::ostringstream text;
  text << "kernel_size=" << kernel_size_ << ", stride=" << options_.stride.value_or(kernel_size_)
       << ", padding=" << options_.padding;
  return text.str();
}

}  // namespace cuttle
