#include "distributions.h"

#include <cmath>
#include <limits>
#include <utility>

namespace cuttle {
namespace {

double largest_of(DType dtype) {
  return dispatch_all(dtype,
                      []<class T>() { return static_cast<double>(std::numeric_limits<T>::max()); });
}

// Of a floating dtype: one more than the bits that are stored.
int digits_of(DType dtype) {
  return dispatch_floating("random", dtype,
                           []<class T>() { return std::numeric_limits<T>::digits; });
}

// A number as the dtype holds it.
double rounded(DType dtype, double value) {
  return dispatch_floating("random", dtype, [&]<class T>() {
    return static_cast<double>(static_cast<T>(static_cast<kernels::Compute<T>>(value)));
  });
}

// The largest number of a floating dtype below `bound`, which is one of its numbers.
double last_below(DType dtype, double bound) {
  return dispatch_floating("random", dtype, [&]<class T>() -> double {
    if constexpr (std::is_floating_point_v<T>) {
      return std::nextafter(static_cast<T>(bound), -std::numeric_limits<T>::infinity());
    } else {  // patterns of bits are in the order of magnitudes
      const auto number = static_cast<T>(static_cast<float>(bound));
      if (bound == 0) return -static_cast<float>(T::from_bits(1));
      const int step = bound > 0 ? -1 : 1;
      return T::from_bits(static_cast<uint16_t>(number.bits() + step));
    }
  });
}

}  // namespace

kernels::Uniform uniform_distribution(DType dtype, double low, double high) {
  if (!(low <= high)) fail("uniform: low ", low, " must not exceed high ", high);
  const double largest = largest_of(dtype);
  if (low < -largest || high > largest || high - low > largest)
    fail("uniform: from ", low, " to ", high, " is a wider range than ", dtype,
         " has numbers, the largest of which is ", largest);
  const double from = rounded(dtype, low), to = rounded(dtype, high);
  return {.low = low, .high = high, .last = from < to ? last_below(dtype, to) : to};
}

kernels::Normal normal_distribution(DType dtype, double mean, double stddev) {
  if (!(stddev >= 0)) fail("normal: the standard deviation must not be negative, got ", stddev);
  const double largest = largest_of(dtype);
  if (!(std::abs(mean) <= largest && stddev <= largest))
    fail("normal: mean ", mean, " and standard deviation ", stddev, " must be finite in ", dtype,
         ", whose largest number is ", largest);
  return {.mean = mean, .stddev = stddev};
}

kernels::Exponential exponential_distribution(double rate) {
  if (!(rate > 0)) fail("exponential_: the rate must be above 0, got ", rate);
  return {.rate = rate};
}

kernels::Geometric geometric_distribution(DType dtype, double p) {
  if (!(p > 0 && p < 1)) fail("geometric_: p must lie between 0 and 1, got ", p);
  const double largest = largest_of(dtype);
  return {.log_of_failure = std::log1p(-p),
          // 2⁶³ − 1 is no double, and 2⁶³ no int64.
          .largest = largest < 0x1p63           ? largest
                     : is_floating_point(dtype) ? largest
                                                : 0x1.fffffffffffffp62};
}

bool has_whole_numbers(DType dtype, int64_t least, int64_t most) {
  if (dtype == boolean) return least >= 0 && most <= 1;
  if (is_floating_point(dtype)) {
    const int64_t limit = int64_t{1} << digits_of(dtype);
    return least >= -limit && most <= limit;
  }
  return dispatch_all(dtype, [&]<class T>() {
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>)
      return std::in_range<T>(least) && std::in_range<T>(most);
    else
      return false;
  });
}

kernels::Integers integer_distribution(DType dtype, int64_t low, int64_t high,
                                       std::string_view op) {
  if (low >= high) fail(op, ": low ", low, " must be less than high ", high);
  if (!has_whole_numbers(dtype, low, high - 1))
    fail(op, ": ", dtype, " cannot hold every whole number from ", low, " to ", high - 1,
         "; ask for a wider dtype");
  return {.low = low, .range = static_cast<uint64_t>(high) - static_cast<uint64_t>(low)};
}

kernels::Integers every_integer(DType dtype) {
  if (dtype == boolean) return {.low = 0, .range = 2};
  const uint64_t most = is_floating_point(dtype)
                            ? uint64_t{1} << digits_of(dtype)
                            : dispatch_all(dtype, []<class T>() {
                                if constexpr (std::is_integral_v<T>)
                                  return static_cast<uint64_t>(std::numeric_limits<T>::max());
                                else
                                  return uint64_t{0};
                              });
  return {.low = 0, .range = most + 1};
}

kernels::Bernoulli bernoulli_distribution(double p) {
  if (!(p >= 0 && p <= 1)) fail("bernoulli: p must lie between 0 and 1, got ", p);
  return {.p = p};
}

}  // namespace cuttle
