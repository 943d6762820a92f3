#include "generator.h"

#include <cmath>
#include <limits>
#include <memory>
#include <numbers>
#include <numeric>
#include <type_traits>

#include "../kernels/error.h"
#include "../kernels/fork.h"

namespace cuttle {
namespace {

template <class T>
constexpr const char* kTypeName = std::is_same_v<T, float> ? "float32" : "float64";

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

}  // namespace

void Generator::manual_seed(uint64_t seed) {
  const std::lock_guard lock(mutex_);
  seed_ = seed;
  engine_.seed(static_cast<uint32_t>(seed));
  spare_normal_.reset();
}

uint64_t Generator::seed() const {
  const std::lock_guard lock(mutex_);
  return seed_;
}

Generator::State Generator::state() const {
  const std::lock_guard lock(mutex_);
  return {engine_, seed_, spare_normal_};
}

void Generator::set_state(const State& state) {
  const std::lock_guard lock(mutex_);
  engine_ = state.engine;
  seed_ = state.seed;
  spare_normal_ = state.spare_normal;
}

uint64_t Generator::next64() {
  const uint64_t high = next32();
  return high << 32 | next32();
}

template <class T>
T Generator::next_uniform() {
  if constexpr (std::is_same_v<T, float>)
    return static_cast<float>(next32() & 0xFFFFFFu) * 0x1p-24f;
  else
    return static_cast<double>(next64() & 0x1FFFFFFFFFFFFFull) * 0x1p-53;
}

template <class T>
void Generator::uniform_impl(std::span<T> out, double low, double high) {
  if (!(low <= high)) fail("uniform: low ", low, " must not exceed high ", high);
  constexpr double kLargest = std::numeric_limits<T>::max();
  if (low < -kLargest || high > kLargest || high - low > kLargest)
    fail("uniform: from ", low, " to ", high, " is a wider range than ", kTypeName<T>,
         " has numbers, the largest of which is ", kLargest);
  const std::lock_guard lock(mutex_);
  const T from = static_cast<T>(low), to = static_cast<T>(high);
  // Rounded once, as PyTorch's build for CPUs with a fused multiply-add does.
  for (T& value : out) value = std::fma(next_uniform<T>(), to - from, from);
}

void Generator::uniform(std::span<float> out, double low, double high) {
  uniform_impl(out, low, high);
}
void Generator::uniform(std::span<double> out, double low, double high) {
  uniform_impl(out, low, high);
}

double Generator::next_normal() {
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
void Generator::normal_impl(std::span<T> out, double mean, double stddev) {
  if (!(stddev >= 0)) fail("normal: the standard deviation must not be negative, got ", stddev);
  constexpr double kLargest = std::numeric_limits<T>::max();
  if (!(std::abs(mean) <= kLargest && stddev <= kLargest))
    fail("normal: mean ", mean, " and standard deviation ", stddev, " must be finite in ",
         kTypeName<T>, ", whose largest number is ", kLargest);
  const std::lock_guard lock(mutex_);
  if (out.size() < kNormalBlock) {
    for (T& value : out) value = static_cast<T>(next_normal() * stddev + mean);
    return;
  }
  const T m = static_cast<T>(mean), s = static_cast<T>(stddev);
  for (T& value : out) value = next_uniform<T>();
  for (size_t i = 0; i + kNormalBlock <= out.size(); i += kNormalBlock)
    box_muller(out.data() + i, m, s);
  if (out.size() % kNormalBlock != 0) {  // the last block anew, overlapping the one before
    T* const last = out.data() + out.size() - kNormalBlock;
    for (size_t i = 0; i < kNormalBlock; ++i) last[i] = next_uniform<T>();
    box_muller(last, m, s);
  }
}

void Generator::normal(std::span<float> out, double mean, double stddev) {
  normal_impl(out, mean, stddev);
}
void Generator::normal(std::span<double> out, double mean, double stddev) {
  normal_impl(out, mean, stddev);
}

void Generator::integers(std::span<int64_t> out, int64_t low, int64_t high) {
  if (low >= high) fail("randint: low ", low, " must be less than high ", high);
  const std::lock_guard lock(mutex_);
  const uint64_t range = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
  const bool wide = range >= uint64_t{1} << 32;
  for (int64_t& value : out) {
    const uint64_t draw = wide ? next64() : next32();
    value = static_cast<int64_t>(draw % range + static_cast<uint64_t>(low));
  }
}

void Generator::permutation(std::span<int64_t> out) {
  const std::lock_guard lock(mutex_);
  std::iota(out.begin(), out.end(), int64_t{0});
  for (size_t i = 0; i + 1 < out.size(); ++i) {
    const size_t offset = next32() % (out.size() - i);
    std::swap(out[i], out[i + offset]);
  }
}

Generator& default_generator() {
  static Generator& generator = []() -> Generator& {
    Generator& made = *std::make_unique<Generator>().release();
    kernels::hold_at_fork(made.mutex_, kernels::LockLevel::inner);
    return made;
  }();
  return generator;
}

namespace {
// Made before main(), so that no thread makes it while another one forks.
[[maybe_unused]] const Generator& made_before_main = default_generator();
}  // namespace

void manual_seed(uint64_t seed) {
  default_generator().manual_seed(seed);
}

}  // namespace cuttle
