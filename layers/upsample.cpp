// Upsample calls interpolate, which checks its options against the input.
#include "upsample.h"

#include <cmath>
#include <sstream>

namespace cuttle {
namespace {

// As Python prints a number of that kind: 2.0, 0.5.
void print(std::ostream& text, double value) {
  text << value;
  if (std::floor(value) == value && std::abs(value) < 1e6) text << ".0";
}
void print(std::ostream& text, int64_t value) {
  text << value;
}

// One number by itself, several in parentheses.
template <class T>
void print(std::ostream& text, const std::vector<T>& values) {
  if (values.size() == 1) return print(text, values[0]);
  for (size_t i = 0; i < values.size(); ++i) {
    text << (i == 0 ? "(" : ", ");
    print(text, values[i]);
  }
  text << ")";
}

}  // namespace

Tensor Upsample::forward(const Tensor& input) {
  return interpolate(input, options_);
}

std::string Upsample::extra_repr() const {
  std::ostringstream text;
  const bool by_factor = !options_.scale_factor.empty();
  text << (by_factor ? "scale_factor=" : "size=");
  if (by_factor)
    print(text, options_.scale_factor);
  else
    print(text, options_.size);
  text << ", mode='" << options_.mode << "'";
  return text.str();
}

}  // namespace cuttle
