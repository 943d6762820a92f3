// Exponential and tanh that compilers can vectorise, for kernels/cpu: the library's are calls, one
// for each element. float alone; double takes the library's.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace cuttle::kernels::cpu {

/// exp(x) within 2 units of the last place, 0 below the normal numbers; x above 88 counts as 88.
/// x = n · ln 2 + r with |r| ≤ ln 2 / 2, and exp(r) by the polynomial of Moshier's Cephes (expf).
inline float exp_lane(float x) {
  constexpr float kShift = 12582912.f;  // 1.5 · 2²³: its sum with a small number rounds that one
  const float bounded = x > 88.f ? 88.f : x;
  const float shifted = bounded * 1.44269504f + kShift;
  const float n = shifted - kShift;
  const float r = (bounded - n * 0.693359375f) + n * 2.12194440e-4f;
  float sum = 1.9875691500e-4f;
  sum = sum * r + 1.3981999507e-3f;
  sum = sum * r + 8.3334519073e-3f;
  sum = sum * r + 4.1665795894e-2f;
  sum = sum * r + 1.6666665459e-1f;
  sum = sum * r + 5.0000001201e-1f;
  const float power = std::bit_cast<float>((std::bit_cast<uint32_t>(shifted) << 23) + 0x3f800000u);
  const float value = (sum * (r * r) + r + 1.f) * power;
  return x < -87.f ? 0.f : value;
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
  const float near = sum * z * x + x, far = 1.f - 2.f / (exp_lane(2.f * size) + 1.f);
  return size < 0.625f ? near : x < 0 ? -far : far;
}
inline double tanh_lane(double x) {
  return std::tanh(x);
}

/// 1 / (1 + exp(−x)).
template <class T>
T sigmoid_lane(T x) {
  return T(1) / (T(1) + exp_lane(-x));
}

}  // namespace cuttle::kernels::cpu
