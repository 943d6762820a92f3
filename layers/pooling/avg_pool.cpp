// Average pooling layers call their functions, which check the sizes.
#include "avg_pool.h"

#include <sstream>

#include "printed.h"

namespace cuttle {

Tensor AvgPool2d::forward(const Tensor& input) {
  return avg_pool2d(input, kernel_size_, options_);
}

std::string AvgPool2d::extra_repr() const {
  return "kernel_size=" + short_form(kernel_size_) +
         ", stride=" + short_form(options_.stride.value_or(kernel_size_)) +
         ", padding=" + short_form(options_.padding);
}

Tensor AvgPool1d::forward(const Tensor& input) {
  return avg_pool1d(input, kernel_size_, options_);
}

std::string AvgPool1d::extra_repr() const {
  std::ostringstream text;
  text << "kernel_size=(" << kernel_size_ << ",), stride=("
       << options_.stride.value_or(kernel_size_) << ",), padding=(" << options_.padding << ",)";
  return text.str();
}

Tensor AdaptiveAvgPool2d::forward(const Tensor& input) {
  return adaptive_avg_pool2d(input, output_size_);
}

std::string AdaptiveAvgPool2d::extra_repr() const {
  return "output_size=" + short_form(output_size_);
}

Tensor AdaptiveAvgPool1d::forward(const Tensor& input) {
  return adaptive_avg_pool1d(input, output_size_);
}

std::string AdaptiveAvgPool1d::extra_repr() const {
  return "output_size=" + std::to_string(output_size_);
}

}  // namespace cuttle
