// The functions of real numbers that formulas (kernels/formulas_*.h) are written with, beside those
// of elementwise_math.h.
#pragma once

#include "elementwise_math.h"

namespace cuttle::kernels::math {

// The C++ library's functions, which CUDA has on the device too.
#define CUTTLE_REAL_FUNCTION(name)        \
  template <Real T>                       \
  CUTTLE_HOST_DEVICE inline T name(T x) { \
    return std::name(x);                  \
  }
CUTTLE_REAL_FUNCTION(exp)
CUTTLE_REAL_FUNCTION(exp2)
CUTTLE_REAL_FUNCTION(expm1)
CUTTLE_REAL_FUNCTION(log)
CUTTLE_REAL_FUNCTION(log2)
CUTTLE_REAL_FUNCTION(log10)
CUTTLE_REAL_FUNCTION(log1p)
CUTTLE_REAL_FUNCTION(sqrt)
CUTTLE_REAL_FUNCTION(sin)
CUTTLE_REAL_FUNCTION(cos)
CUTTLE_REAL_FUNCTION(tan)
CUTTLE_REAL_FUNCTION(asin)
CUTTLE_REAL_FUNCTION(acos)
CUTTLE_REAL_FUNCTION(atan)
CUTTLE_REAL_FUNCTION(sinh)
CUTTLE_REAL_FUNCTION(cosh)
CUTTLE_REAL_FUNCTION(tanh)
CUTTLE_REAL_FUNCTION(asinh)
CUTTLE_REAL_FUNCTION(acosh)
CUTTLE_REAL_FUNCTION(atanh)
CUTTLE_REAL_FUNCTION(erf)
CUTTLE_REAL_FUNCTION(erfc)
#undef CUTTLE_REAL_FUNCTION

template <Real T>
CUTTLE_HOST_DEVICE inline T rsqrt(T x) {
  return T(1) / std::sqrt(x);
}
template <Real T>
CUTTLE_HOST_DEVICE inline T reciprocal(T x) {
  return T(1) / x;
}
template <Real T>
CUTTLE_HOST_DEVICE inline T sigmoid(T x) {
  return T(1) / (T(1) + std::exp(-x));
}
template <Real T>
CUTTLE_HOST_DEVICE inline T hypot(T x, T y) {
  return std::hypot(x, y);
}
template <Real T>
CUTTLE_HOST_DEVICE inline T copysign(T size, T sign) {
  return std::copysign(size, sign);
}
template <Real T>
CUTTLE_HOST_DEVICE inline T atan2(T y, T x) {
  return std::atan2(y, x);
}

/// The y with erf(y) = x. A first guess from the leading terms of the tail (Winitzki's formula,
/// good to 2·10⁻³), then Halley's steps, each of which triples the digits; beyond 1/2 they solve
/// erfc(y) = 1 − x, which loses none.
template <Real T>
CUTTLE_HOST_DEVICE inline T erfinv(T x) {
  const T size = std::fabs(x);
  if (!(size < T(1))) return size == T(1) ? x * kInfinity<T> : (x - x) / (x - x);
  if (size == T(0)) return x;
  const T rest = T(1) - size;  // exact from 1/2 on
  const T l = size > T(0.5) ? std::log(rest * (T(1) + size)) : std::log1p(-size * size);
  const T c = T(4.330746750799873) + l / T(2);  // 2 / (π · 0.147)
  const T inner = c * c - l / T(0.147);
  // √inner − c without the cancellation of small arguments
  T y = std::sqrt((-l / T(0.147)) / (std::sqrt(inner) + c));
  constexpr T kHalfRootPi = T(0.886226925452758);
  for (int step = 0; step < (sizeof(T) == 8 ? 3 : 2); ++step) {
    const T error = size > T(0.5) ? rest - std::erfc(y) : std::erf(y) - size;
    const T newton = error * kHalfRootPi * std::exp(y * y);
    y -= newton / (T(1) + y * newton);
  }
  return x < T(0) ? -y : y;
}

}  // namespace cuttle::kernels::math
