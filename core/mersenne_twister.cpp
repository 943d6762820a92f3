#include "mersenne_twister.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iostream>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

#include "dtype.h"

namespace cuttle {
namespace {

constexpr size_t kNormalBlock = 16;  // values that one run of Box and Muller makes together

// From 16 uniform values 8 pairs: (i, i + 8) become radius · (cos, sin).
template <class T>
void box_muller(T* values, T mean, T stddev) {
  for (size_t i = 0; i < kNormalBlock / 2; ++i) {
    const T u1 = 1 - values[i];  // (0, 1], so that the logarithm is finite
    const T u2 = values[i + kNormalBlock / 2];
    const T radius = std::sqrt(-2 * std::log(u1));
    const T theta = static_cast<T>(2 * std::numbers::pi) * u2;
    values[i] = radius * std::cos(theta) * stddev + mean;
    values[i + kNormalBlock / 2] = radius * std::sin(theta) * stddev + mean;
  }
}

// A double as T, by way of float for narrow floating types.
template <class T>
T to_element(double value) {
  if constexpr (is_floating<T>)
    return static_cast<T>(static_cast<kernels::Compute<T>>(value));
  else
    return static_cast<T>(value);
}

}  // namespace

void MersenneTwister::seed(uint64_t seed) {
  engine_.seed(static_cast<uint32_t>(seed));
  spare_normal_.reset();
}

uint64_t MersenneTwister::next64() {
  const uint64_t high = next32();
  return high << 32 | next32();
}

// As many of the low bits as T has digits; what comes out is T's number, as float where T is
// narrower.
template <class T>
T MersenneTwister::next_uniform() {
  constexpr int kDigits = std::numeric_limits<T>::digits;
  if constexpr (std::is_same_v<T, double>)
    return static_cast<double>(next64() & 0x1FFFFFFFFFFFFFull) * 0x1p-53;
  else
    return static_cast<T>(static_cast<float>(next32() & ((1u << kDigits) - 1)) /
                          static_cast<float>(1u << kDigits));
}

double MersenneTwister::next_normal() {
  if (spare_normal_) {
    const double spare = *spare_normal_;
    spare_normal_.reset();
    return spare;
  }
  const double u1 = next_uniform<double>(), u2 = next_uniform<double>();
  const double radius = std::sqrt(-2 * std::log1p(-u2));
  const double theta = 2 * std::numbers::pi * u1;
  spare_normal_ = radius * std::sin(theta);
  return radius * std::cos(theta);
}

template <class T>
void MersenneTwister::draw(const kernels::Uniform& uniform, std::span<T> out) {
  using Real = kernels::Compute<T>;
  const Real from = static_cast<Real>(uniform.low), to = static_cast<Real>(uniform.high);
  // Rounded once, as PyTorch's build for CPUs with a fused multiply-add does.
  for (T& value : out)
    value = static_cast<T>(std::fma(static_cast<Real>(next_uniform<T>()), to - from, from));
}

template <class T>
void MersenneTwister::draw(const kernels::Normal& normal, std::span<T> out) {
  if (out.size() < kNormalBlock) {
    for (T& value : out) value = to_element<T>(next_normal() * normal.stddev + normal.mean);
    return;
  }
  using Real = kernels::Compute<T>;
  const Real mean = static_cast<Real>(normal.mean), stddev = static_cast<Real>(normal.stddev);
  if constexpr (std::is_same_v<T, Real>) {
    for (T& value : out) value = next_uniform<T>();
    for (size_t i = 0; i + kNormalBlock <= out.size(); i += kNormalBlock)
      box_muller(out.data() + i, mean, stddev);
    if (out.size() % kNormalBlock != 0) {  // the last block anew, overlapping the one before
      T* const last = out.data() + out.size() - kNormalBlock;
      for (size_t i = 0; i < kNormalBlock; ++i) last[i] = next_uniform<T>();
      box_muller(last, mean, stddev);
    }
  } else {  // float32's numbers, rounded: PyTorch computes with 8 or 11 bits here
    std::vector<Real> wide(out.size());
    draw(normal, std::span(wide));
    for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<T>(wide[i]);
  }
}

template <class T>
void MersenneTwister::draw(const kernels::Exponential& exponential, std::span<T> out) {
  for (T& value : out)
    value = to_element<T>(-1 / exponential.rate * std::log1p(-next_uniform<double>()));
}

template <class T>
void MersenneTwister::draw(const kernels::Geometric& geometric, std::span<T> out) {
  for (T& value : out) {
    const double trials = std::ceil(std::log(next_uniform<double>()) / geometric.log_of_failure);
    value = to_element<T>(std::clamp(trials, 1.0, geometric.largest));
  }
}

template <class T>
void MersenneTwister::draw(const kernels::Integers& integers, std::span<T> out) {
  const uint64_t range = integers.range;  // 0: 2⁶⁴
  const bool wide = range == 0 || range >= uint64_t{1} << 32;
  for (T& value : out) {
    const uint64_t drawn = wide ? next64() : next32(), below = range == 0 ? drawn : drawn % range;
    const auto number = static_cast<int64_t>(below + static_cast<uint64_t>(integers.low));
    if constexpr (is_floating<T>)
      value = static_cast<T>(static_cast<kernels::Compute<T>>(number));
    else
      value = static_cast<T>(number);
  }
}

template <class T>
void MersenneTwister::draw(const kernels::Bernoulli& bernoulli, std::span<T> out) {
  const double* p = bernoulli.each;
  for (T& value : out) {
    const double likely = p != nullptr ? *p++ : bernoulli.p;
    const double drawn = bernoulli.of_floats ? next_uniform<float>() : next_uniform<double>();
    value = to_element<T>(drawn < likely ? 1 : 0);
  }
}

template <class T>
void MersenneTwister::fill(const kernels::Distribution& distribution, std::span<T> out) {
  std::visit(
      [&]<class D>(const D& chosen) {
        if constexpr (D::template kServes<T>)
          draw(chosen, out);
        else
          fail("random: this distribution does not make ", dtype_of<T>);
      },
      distribution.kind);
}

void MersenneTwister::permutation(std::span<int64_t> out) {
  std::iota(out.begin(), out.end(), int64_t{0});
  for (size_t i = 0; i + 1 < out.size(); ++i) {
    const size_t offset = next32() % (out.size() - i);
    std::swap(out[i], out[i + offset]);
  }
}

void MersenneTwister::write(std::ostream& to) const {
  to << spare_normal_.has_value() << ' ' << std::bit_cast<uint64_t>(spare_normal_.value_or(0))
     << ' ' << engine_;
}

void MersenneTwister::read(std::istream& from) {
  bool has_spare = false;
  uint64_t spare = 0;
  from >> has_spare >> spare >> engine_;
  if (!from) fail("set_state: this is not the state of a Mersenne Twister");
  spare_normal_.reset();
  if (has_spare) spare_normal_ = std::bit_cast<double>(spare);
}

#define CUTTLE_INSTANTIATE(T) \
  template void MersenneTwister::fill(const kernels::Distribution&, std::span<T>);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)
CUTTLE_INSTANTIATE(Half)
CUTTLE_INSTANTIATE(BFloat16)
CUTTLE_INSTANTIATE(int64_t)
CUTTLE_INSTANTIATE(int32_t)
CUTTLE_INSTANTIATE(int16_t)
CUTTLE_INSTANTIATE(int8_t)
CUTTLE_INSTANTIATE(uint8_t)
CUTTLE_INSTANTIATE(bool)

}  // namespace cuttle
