// The two ways from one number to another that schedules take.
#pragma once

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

namespace cuttle {

enum class AnnealStrategy { cos, linear };
/// As they stand in states.
inline const std::vector<std::string> kAnnealStrategies = {"cos", "linear"};

/// From `begin` at t = 0 to `end` at t = 1.
inline double anneal(AnnealStrategy strategy, double begin, double end, double t) {
  if (strategy == AnnealStrategy::linear) return (end - begin) * t + begin;
  return end + (begin - end) / 2.0 * (std::cos(std::numbers::pi * t) + 1);
}

}  // namespace cuttle
