// Functions that compilers can vectorise, for kernels/cpu: the library's are calls, one for each
// element. float alone; double takes the library's.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace cuttle::kernels::cpu {

/// exp(x) within 1 unit of the last place. x = n · ln 2 + r with |r| ≤ ln 2 / 2, exp(r) by the
/// polynomial of Moshier's Cephes (expf), and 2ⁿ in two factors, for it may lie beyond the normal
/// numbers where the result does not.
inline float exp_lane(float x) {
  constexpr float kShift = 12582912.f;  // 1.5 · 2²³: its sum with a small number rounds that one
  const float above = x < -104.f ? -104.f : x, bounded = above > 89.f ? 89.f : above;
  const float shifted = bounded * 1.44269504f + kShift;
  const float n = shifted - kShift;
  const float r = (bounded - n * 0.693359375f) + n * 2.12194440e-4f;
  float sum = 1.9875691500e-4f;
  sum = sum * r + 1.3981999507e-3f;
  sum = sum * r + 8.3334519073e-3f;
  sum = sum * r + 4.1665795894e-2f;
  sum = sum * r + 1.6666665459e-1f;
  sum = sum * r + 5.0000001201e-1f;
  const int32_t exponent = std::bit_cast<int32_t>(shifted) - std::bit_cast<int32_t>(kShift);
  const int32_t half = exponent >> 1;
  const auto power = [](int32_t of) {
    return std::bit_cast<float>((static_cast<uint32_t>(of) << 23) + 0x3f800000u);
  };
  return (sum * (r * r) + r + 1.f) * power(half) * power(exponent - half);
}
inline double exp_lane(double x) {
  return std::exp(x);
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
