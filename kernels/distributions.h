// Distributions: from a block of Philox's bits to elements of a tensor. Each says how many elements
// a block makes and makes them, with one text for every device.
#pragma once

#include <cstdint>
#include <type_traits>
#include <variant>

#include "random_math.h"

namespace cuttle::kernels {

/// Elements of a block where each takes 32 bits, or 64 for double.
template <class T>
inline constexpr int kPerWord = std::is_same_v<T, double> ? 2 : 4;

/// Uniform on [low, high): u · (high − low) + low, u of 24 bits (53 for float64), both operations
/// rounded. What rounding would carry to `high` becomes `last`, T's largest number below it.
struct Uniform {
  double low = 0, high = 1, last = 1;

  template <class T>
  static constexpr bool kServes = is_floating<T>;
  template <class T>
  static constexpr int kPerBlock = kPerWord<T>;
  template <class T>
  CUTTLE_HOST_DEVICE void operator()(const PhiloxBlock& block, int64_t, int, T* out) const {
    using Real = Compute<T>;
    const Real from = static_cast<Real>(low), width = static_cast<Real>(high) - from;
    const T most = static_cast<T>(static_cast<Real>(last));
    for (int i = 0; i < kPerBlock<T>; ++i) {
      Real u;
      if constexpr (sizeof(Real) == 4)
        u = static_cast<float>(block.at[i] >> 8) * 0x1p-24f;
      else
        u = static_cast<double>(block.word(i) >> 11) * 0x1p-53;
      const T value = static_cast<T>(u * width + from);
      out[i] = value > most ? most : value;
    }
  }
};

/// Normal numbers, in pairs (random_math.h), times `stddev`, plus `mean`.
struct Normal {
  double mean = 0, stddev = 1;

  template <class T>
  static constexpr bool kServes = is_floating<T>;
  template <class T>
  static constexpr int kPerBlock = kPerWord<T>;
  template <class T>
  CUTTLE_HOST_DEVICE void operator()(const PhiloxBlock& block, int64_t, int, T* out) const {
    using Real = Compute<T>;
    const Real m = static_cast<Real>(mean), s = static_cast<Real>(stddev);
    if constexpr (sizeof(Real) == 4) {
      for (int i = 0; i < 2; ++i) {
        const Pair<float> pair = normal_pair<float>(block, i);
        out[2 * i] = static_cast<T>(pair.first * s + m);
        out[2 * i + 1] = static_cast<T>(pair.second * s + m);
      }
    } else {
      const Pair<double> pair = normal_pair<double>(block, 0);
      out[0] = pair.first * s + m;
      out[1] = pair.second * s + m;
    }
  }
};

/// Exponential: −ln(u) / rate. u stays below 1, so no number is 0.
struct Exponential {
  double rate = 1;

  template <class T>
  static constexpr bool kServes = is_floating<T>;
  template <class T>
  static constexpr int kPerBlock = kPerWord<T>;
  template <class T>
  CUTTLE_HOST_DEVICE void operator()(const PhiloxBlock& block, int64_t, int, T* out) const {
    using Real = Compute<T>;
    constexpr Real kBelowOne = 1 - (sizeof(Real) == 4 ? Real(0x1p-24) : Real(0x1p-53));
    for (int i = 0; i < kPerBlock<T>; ++i) {
      Real u = positive_uniform<Real>(block, i);
      u = u > kBelowOne ? kBelowOne : u;
      out[i] = static_cast<T>(-portable_log(u) / static_cast<Real>(rate));
    }
  }
};

/// How many trials of probability p it takes until one succeeds, 1 at least: ⌈ln u / ln(1 − p)⌉, in
/// double. What T cannot hold becomes `largest`.
struct Geometric {
  double log_of_failure = -1;  // ln(1 − p) < 0
  double largest = 0;

  template <class T>
  static constexpr bool kServes = !std::is_same_v<T, bool>;
  template <class T>
  static constexpr int kPerBlock = 2;
  template <class T>
  CUTTLE_HOST_DEVICE void operator()(const PhiloxBlock& block, int64_t, int, T* out) const {
    for (int i = 0; i < 2; ++i) {
      const double trials =
          std::ceil(portable_log(positive_uniform<double>(block, i)) / log_of_failure);
      out[i] = static_cast<T>(trials < 1 ? 1.0 : trials < largest ? trials : largest);
    }
  }
};

/// Whole numbers from `low` on, `range` of them (0: 2⁶⁴): the high part of 128 random bits times
/// the range, so that no number is more likely than another by more than 2⁻⁶⁴.
struct Integers {
  int64_t low = 0;
  uint64_t range = 1;

  template <class T>
  static constexpr bool kServes = true;
  template <class T>
  static constexpr int kPerBlock = 1;
  template <class T>
  CUTTLE_HOST_DEVICE void operator()(const PhiloxBlock& block, int64_t, int, T* out) const {
    uint64_t value = block.word(0);
    if (range != 0) {
      const uint64_t low_part = value * range, carry = low_part + high_part(block.word(1), range);
      value = high_part(value, range) + (carry < low_part ? 1 : 0);
    }
    const auto number = static_cast<int64_t>(value + static_cast<uint64_t>(low));
    if constexpr (is_floating<T>)
      out[0] = static_cast<T>(static_cast<Compute<T>>(number));
    else
      out[0] = static_cast<T>(number);
  }

  /// ⌊a · b / 2⁶⁴⌋, by four products of 32 bits.
  CUTTLE_HOST_DEVICE static uint64_t high_part(uint64_t a, uint64_t b) {
    const uint64_t a0 = a & 0xffffffffu, a1 = a >> 32, b0 = b & 0xffffffffu, b1 = b >> 32;
    const uint64_t middle = a1 * b0 + (a0 * b0 >> 32), other = a0 * b1 + (middle & 0xffffffffu);
    return a1 * b1 + (middle >> 32) + (other >> 32);
  }
};

/// 1 with probability p, else 0: 32 random bits below p · 2³². Each element has its own p where
/// `each` is set, by its index.
struct Bernoulli {
  double p = 0.5;
  const double* each = nullptr;  // on the device, one an element
  bool of_floats = false;        // `each` was float32; Twisters draw fewer bits then, as in PyTorch

  template <class T>
  static constexpr bool kServes = true;
  template <class T>
  static constexpr int kPerBlock = 4;
  template <class T>
  CUTTLE_HOST_DEVICE void operator()(const PhiloxBlock& block, int64_t first, int count,
                                     T* out) const {
    for (int i = 0; i < 4; ++i) {
      const double likely = each != nullptr && i < count ? each[first + i] : p;
      const bool one = static_cast<double>(block.at[i]) < likely * 0x1p32;
      if constexpr (is_floating<T>)
        out[i] = static_cast<T>(one ? 1.f : 0.f);
      else
        out[i] = static_cast<T>(one);
    }
  }
};

/// One of them.
struct Distribution {
  using Kind = std::variant<Uniform, Normal, Exponential, Geometric, Integers, Bernoulli>;

  template <class D>
  requires std::is_constructible_v<Kind, D> Distribution(const D& chosen)  // NOLINT: each is one
      : kind(chosen) {}

  Kind kind;
};

}  // namespace cuttle::kernels
