// Logarithm, sine and cosine that give the same bits on every device: the libraries of hosts and of
// CUDA differ in their last bits. Only additions, multiplications, divisions and square roots,
// which IEEE 754 rounds correctly everywhere and which no compiler of ours fuses.
#pragma once

#include <cmath>

#include "half.h"
#include "philox.h"

namespace cuttle::kernels {

/// A floating type's format, how many terms its series need, and which bits of Philox make one.
template <class Real>
struct RealFormat;
template <>
struct RealFormat<float> {
  using Bits = uint32_t;
  static constexpr int kMantissa = 23, kBias = 127;
  static constexpr int kLogTerms = 5, kSineTerms = 5;
};
template <>
struct RealFormat<double> {
  using Bits = uint64_t;
  static constexpr int kMantissa = 52, kBias = 1023;
  static constexpr int kLogTerms = 11, kSineTerms = 10;
};

/// ln x of a normal x > 0, within 3 units of the last place of max(|ln x|, |x − 1|).
/// x = 2^e · m with m in (√½, √2], and ln m = 2 · (s + s³/3 + s⁵/5 + …) with s = (m − 1)/(m + 1).
template <class Real>
CUTTLE_HOST_DEVICE inline Real portable_log(Real x) {
  using Format = RealFormat<Real>;
  using Bits = typename Format::Bits;
  constexpr Bits kFraction = (Bits{1} << Format::kMantissa) - 1;
  Bits bits = reinterpreted<Bits>(x);
  int exponent = static_cast<int>(bits >> Format::kMantissa) - Format::kBias;
  bits = (bits & kFraction) | Bits{Format::kBias} << Format::kMantissa;
  Real m = reinterpreted<Real>(bits);
  if (m > static_cast<Real>(1.4142135623730951)) {
    m *= static_cast<Real>(0.5);
    ++exponent;
  }
  const Real s = (m - 1) / (m + 1), z = s * s;
  Real sum = 0;
  for (int k = Format::kLogTerms - 1; k >= 0; --k)
    sum = sum * z + static_cast<Real>(1) / static_cast<Real>(2 * k + 1);
  return static_cast<Real>(exponent) * static_cast<Real>(0.6931471805599453) + 2 * s * sum;
}

template <class Real>
struct Pair {
  Real first, second;
};

/// (cos, sin) of 2π · (quarter / 4 + t), t in [−1/8, 1/8]. Taylor's
/// series at 0: with |2πt| ≤ π/4 few terms do.
template <class Real>
CUTTLE_HOST_DEVICE inline Pair<Real> cosine_and_sine(unsigned quarter, Real t) {
  const Real a = t * static_cast<Real>(6.283185307179586), z = a * a;
  Real cosine = 1, sine = 1;
  for (int k = RealFormat<Real>::kSineTerms; k >= 1; --k) {
    cosine = 1 - z * cosine * (static_cast<Real>(1) / static_cast<Real>((2 * k - 1) * (2 * k)));
    sine = 1 - z * sine * (static_cast<Real>(1) / static_cast<Real>((2 * k) * (2 * k + 1)));
  }
  sine *= a;
  const Real x = quarter & 1 ? -sine : cosine, y = quarter & 1 ? cosine : sine;
  return quarter & 2 ? Pair<Real>{-x, -y} : Pair<Real>{x, y};
}

/// Random bits as a number in (0, 1]: 32 bits for float, 53 for double.
template <class Real>
CUTTLE_HOST_DEVICE inline Real positive_uniform(const PhiloxBlock& block, int i) {
  if constexpr (sizeof(Real) == 4)
    return (static_cast<float>(block.at[i]) + 1) * 0x1p-32f;
  else
    return static_cast<double>((block.word(i) >> 11) + 1) * 0x1p-53;
}

/// Two independent normal numbers with mean 0 and standard deviation 1 from two words of the block,
/// numbers 2i and 2i + 1 (of 32 bits for float, of 64 for double): Box and Muller's
/// √(−2 ln u) · (cos 2πv, sin 2πv). The largest are 6.7 (float) and 8.6 (double).
template <class Real>
CUTTLE_HOST_DEVICE inline Pair<Real> normal_pair(const PhiloxBlock& block, int i) {
  const Real radius = std::sqrt(-2 * portable_log(positive_uniform<Real>(block, 2 * i)));
  Pair<Real> turn;
  if constexpr (sizeof(Real) == 4) {
    const uint32_t v = block.at[2 * i + 1], quarter = (v + (1u << 29)) >> 30;
    turn = cosine_and_sine(
        quarter, static_cast<float>(static_cast<int32_t>(v - (quarter << 30))) * 0x1p-32f);
  } else {
    const uint64_t v = block.word(2 * i + 1), quarter = (v + (uint64_t{1} << 61)) >> 62;
    turn =
        cosine_and_sine(static_cast<unsigned>(quarter),
                        static_cast<double>(static_cast<int64_t>(v - (quarter << 62))) * 0x1p-64);
  }
  return {radius * turn.first, radius * turn.second};
}

}  // namespace cuttle::kernels
