// What one element adds to a norm, and what the sum becomes in the end: for both devices.
#pragma once

#include <cmath>

#include "host_device.h"

namespace cuttle::kernels {

/// The sum, or the largest, of what elements come to. A NaN stays.
struct NormSum {
  double p;

  CUTTLE_HOST_DEVICE bool is_largest() const { return p > 1.7976931348623157e308; }
  CUTTLE_HOST_DEVICE double join(double a, double b) const {
    if (!is_largest()) return a + b;
    return a > b || a != a ? a : b;
  }
  CUTTLE_HOST_DEVICE double of(double x) const {
    const double size = x < 0 ? -x : x;
    if (p == 2) return size * size;
    return p == 1 || is_largest() ? size : std::pow(size, p);
  }
  CUTTLE_HOST_DEVICE double norm(double sum) const {
    if (p == 2) return std::sqrt(sum);
    return p == 1 || is_largest() ? sum : std::pow(sum, 1 / p);
  }
};

}  // namespace cuttle::kernels
