#include "printed_number.h"

#include <charconv>
#include <cmath>
#include <iterator>

namespace cuttle {

std::string printed_number(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  // Python writes an exponent below 1e-4 and from 1e16 on, as printf does with %g and 17 digits.
  const double size = std::abs(value);
  const bool exponent = size != 0 && (size < 1e-4 || size >= 1e16);
  char digits[64];
  const auto [end, error] =
      std::to_chars(digits, std::end(digits), value,
                    exponent ? std::chars_format::scientific : std::chars_format::fixed);
  std::string text(digits, end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string printed_number(std::optional<double> value) {
  return value ? printed_number(*value) : "None";
}

}  // namespace cuttle
