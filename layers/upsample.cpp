// Upsample calls interpolate, which checks its options against the input.
#include "upsample.h"

#include "printed_number.h"

namespace cuttle {
namespace {

std::string printed(double value) {
  return printed_number(value);
}
std::string printed(int64_t value) {
  return std::to_string(value);
}

// One number by itself, several in parentheses.
template <class T>
std::string printed(const std::vector<T>& values) {
  if (values.size() == 1) return printed(values[0]);
  std::string text;
  for (const T& value : values) text += (text.empty() ? "(" : ", ") + printed(value);
  return text + ")";
}

}  // namespace

Tensor Upsample::forward(const Tensor& input) {
  return interpolate(input, options_);
}

std::string Upsample::extra_repr() const {
  const bool by_factor = !options_.scale_factor.empty();
  return (by_factor ? "scale_factor=" + printed(options_.scale_factor)
                    : "size=" + printed(options_.size)) +
         ", mode='" + options_.mode + "'";
}

}  // namespace cuttle
