// Rounding to TF32, as tensor cores' operands are rounded.
#pragma once

#include <cmath>
#include <vector>

namespace cuttle::test::oracle {

/// 11 significant bits, ties away from zero.
inline float tf32(float value) {
  int exponent = 0;
  const double fraction = std::frexp(double{value}, &exponent);
  return static_cast<float>(std::ldexp(std::round(std::ldexp(fraction, 11)), exponent - 11));
}

inline std::vector<float> tf32(std::vector<float> values) {
  for (float& v : values) v = tf32(v);
  return values;
}

}  // namespace cuttle::test::oracle
