// Functions that compilers can vectorise, for kernels/cpu: the library's are calls, one for each
// element. float alone; double takes the library's.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace cuttle::kernels::cpu {

/// exp(x) within 1 unit of the last place. x = n · ln 2 + r with |r| ≤ ln 2 / 2, exp(r) by the
/// polynomial of Moshier's Cephes (expf), and 2ⁿ in two factors, for it may lie beyond the normal
/// numbers where the result does not.
inline float exp_lane(float x) {
  constexpr float kShift = 12582912.f;  // 1.5 · 2²³: its sum with a small number rounds that one
  const float shifted = x * 1.44269504f + kShift;
  const float n = shifted - kShift;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float sum = 1.9875691500e-4f;
  sum = sum * r + 1.3981999507e-3f;
  sum = sum * r + 8.3334519073e-3f;
  sum = sum * r + 4.1665795894e-2f;
  sum = sum * r + 1.6666665459e-1f;
  sum = sum * r + 5.0000001201e-1f;
  const uint32_t exponent = std::bit_cast<uint32_t>(shifted) - std::bit_cast<uint32_t>(kShift);
  const uint32_t half = static_cast<uint32_t>(static_cast<int32_t>(exponent) >> 1);
  const auto power = [](uint32_t of) { return std::bit_cast<float>((of << 23) + 0x3f800000u); };
  const float value = (sum * (r * r) + r + 1.f) * power(half) * power(exponent - half);
  const float above = x < -104.f ? 0.f : value;  // beyond these n counts for nothing
  return x > 89.f ? std::numeric_limits<float>::infinity() : above;
}
inline double exp_lane(double x) {
  return std::exp(x);
}

/// log(x) of a finite x ≥ 1 within 4 units of the last place. x = m · 2ⁿ with m between √½ and
/// √2, log(m) = 2 atanh((m − 1) / (m + 1)) by its series.
inline double log_lane(double x) {
  const uint64_t bits = std::bit_cast<uint64_t>(x);
  const uint64_t above = bits - std::bit_cast<uint64_t>(0.70710678118654752);
  const double m = std::bit_cast<double>(bits - (above & 0xfff0000000000000u));
  constexpr double kShift = 4503599627370496.;  // 2⁵²: the integer n is its sum's last digits
  const double n = std::bit_cast<double>(above >> 52 | std::bit_cast<uint64_t>(kShift)) - kShift;
  const double s = (m - 1) / (m + 1), z = s * s;
  double sum = 1. / 25;
  sum = sum * z + 1. / 23;
  sum = sum * z + 1. / 21;
  sum = sum * z + 1. / 19;
  sum = sum * z + 1. / 17;
  sum = sum * z + 1. / 15;
  sum = sum * z + 1. / 13;
  sum = sum * z + 1. / 11;
  sum = sum * z + 1. / 9;
  sum = sum * z + 1. / 7;
  sum = sum * z + 1. / 5;
  sum = sum * z + 1. / 3;
  return n * 0.69314718055994531 + 2 * (s + s * (sum * z)) + (x - x);  // NaN stays NaN
}

/// tanh(x) within 3 units of the last place: near 0 the polynomial of Cephes (tanhf), else
/// 1 − 2 / (exp(2|x|) + 1).
inline float tanh_lane(float x) {
  const float size = x < 0 ? -x : x, z = x * x;
  float sum = -5.70498872745e-3f;
  sum = sum * z + 2.06390887954e-2f;
  sum = sum * z - 5.37397155531e-2f;
  sum = sum * z + 1.33314422036e-1f;
  sum = sum * z - 3.33332819422e-1f;
  const float near = sum * z * size + size, far = 1.f - 2.f / (exp_lane(2.f * size) + 1.f);
  return std::copysign(size < 0.625f ? near : far, x);  // −0 stays −0
}
inline double tanh_lane(double x) {
  return std::tanh(x);
}

/// erfc(x) within 8 units of the last place. erfc(z) exp(z²) is smooth for z ≥ 0: a polynomial,
/// fitted by least squares, in t = 1 / (1 + 0.35 z), which is moved to [−1, 1]. z² is that of z's
/// leading digits, which is exact, and a small rest.
inline float erfc_lane(float x) {
  const float size = x < 0 ? -x : x, z = size > 10.5f ? 10.5f : size;
  const float t = 1.f / (1.f + 0.35f * z), s = (t - 0.60940919f) * 2.5602244f;
  float smooth = 8.330233e-6f;
  smooth = smooth * s + 2.8010920e-5f;
  smooth = smooth * s - 1.1132700e-4f;
  smooth = smooth * s - 6.2571291e-4f;
  smooth = smooth * s + 4.9128366e-4f;
  smooth = smooth * s + 1.3186516e-2f;
  smooth = smooth * s + 5.9474628e-2f;
  smooth = smooth * s + 1.6245657e-1f;
  smooth = smooth * s + 3.1434640e-1f;
  smooth = smooth * s + 4.5074528e-1f;
  const float leading = std::bit_cast<float>(std::bit_cast<uint32_t>(z) & 0xfffff000u);
  const float d = (leading - z) * (leading + z);
  const float rest = 1.f + d * (1.f + d * (0.5f + d * (0.16666667f + d * 0.041666667f)));
  const float value = smooth * t * (exp_lane(-(leading * leading)) * rest);
  return x < 0 ? 2.f - value : value;
}

/// 1 / (1 + exp(−x)).
template <class T>
T sigmoid_lane(T x) {
  return T(1) / (T(1) + exp_lane(-x));
}

}  // namespace cuttle::kernels::cpu
