// The distributions that random functions draw from, with parameters that were checked.
#pragma once

#include <cstdint>
#include <string_view>

#include "../kernels/distributions.h"
#include "dtype.h"

namespace cuttle {

// Each throws Error for parameters that make no distribution of `dtype`.

/// Uniform on [low, high).
kernels::Uniform uniform_distribution(DType dtype, double low, double high);
kernels::Normal normal_distribution(DType dtype, double mean, double stddev);
/// With density rate · exp(−rate · x).
kernels::Exponential exponential_distribution(double rate);
/// The number of trials, with probability p each, until one succeeds.
kernels::Geometric geometric_distribution(DType dtype, double p);
/// Whole numbers on [low, high). Every one of them must be a number of `dtype`.
kernels::Integers integer_distribution(DType dtype, int64_t low, int64_t high,
                                       std::string_view op = "randint");
/// All whole numbers that random_() draws without bounds: from 0 to the largest of an integer type,
/// or to 2 to the power of a floating type's digits.
kernels::Integers every_integer(DType dtype);
/// 1 with probability p.
kernels::Bernoulli bernoulli_distribution(double p);

/// True if every whole number from `least` to `most` is a number of `dtype`.
bool has_whole_numbers(DType dtype, int64_t least, int64_t most);

}  // namespace cuttle
