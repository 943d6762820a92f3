#include "axis.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace cuttle::plot {
namespace {

std::string printed(const char* format, int digits, double value) {
  char text[64];
  std::snprintf(text, sizeof(text), format, digits, value);
  return text;
}

// The smallest of 1, 2, 5, 10, 20, … times a power of ten that is not below `least`.
double round_step(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

}  // namespace

Axis::Axis(double low, double high, bool logarithmic)
    : low_(std::min(low, high)), high_(std::max(low, high)), logarithmic_(logarithmic) {
  if (high_ - low_ > 1e-12 * std::max(std::abs(low_), std::abs(high_))) return;
  const double around = low_ == 0 ? 1 : std::abs(low_) / 2;
  low_ -= around, high_ += around;
}

double Axis::share_of(double value) const {
  if (!logarithmic_) return (value - low_) / (high_ - low_);
  return std::log(value / low_) / std::log(high_ / low_);
}

std::vector<Tick> Axis::ticks(double most, bool whole) const {
  if (logarithmic_) return decade_ticks(most);
  double step = round_step((high_ - low_) / std::max(1.0, most));
  if (whole) step = std::max(1.0, step);
  const double slack = 1e-9 * (high_ - low_), largest = std::max(std::abs(low_), std::abs(high_));
  std::vector<Tick> all;
  for (double i = std::ceil((low_ - slack) / step); i * step <= high_ + slack; ++i) {
    all.push_back({i * step, number_label(i * step, step, largest)});
  }
  return all;
}

std::vector<Tick> Axis::decade_ticks(double most) const {
  const double decades = std::log10(high_ / low_);
  const double every = std::max(1.0, std::ceil(decades / std::max(1.0, most)));
  std::vector<double> factors = {1};
  if (decades < 3) factors = {1, 2, 5};
  if (decades < 0.7) return Axis(low_, high_).ticks(most);
  std::vector<Tick> all;
  for (double power = std::floor(std::log10(low_)); power <= std::log10(high_); power += every) {
    for (const double factor : factors) {
      const double value = factor * std::pow(10, power);
      if (value < low_ * (1 - 1e-9) || value > high_ * (1 + 1e-9)) continue;
      all.push_back({value, number_label(value, value, value)});
    }
  }
  return all;
}

std::string number_label(double value, double step, double largest) {
  std::string text;
  if (value == 0) return "0";
  if (largest >= 1e9 || step < 1e-4) {
    const auto power = [](double x) { return static_cast<int>(std::floor(std::log10(x) + 1e-9)); };
    text = printed("%.*e", std::clamp(power(std::abs(value)) - power(step), 0, 6), value);
    // 1.5e+09 as 1.5e9
    const size_t exponent = text.find('e') + 1;
    text = text.substr(0, exponent) + std::to_string(std::stoi(text.substr(exponent)));
  } else {
    const double unit = largest >= 1e6 ? 1e6 : largest >= 1e4 ? 1e3 : 1;
    const double digits = std::ceil(-std::log10(step / unit) - 1e-9);
    text = printed("%.*f", std::clamp(static_cast<int>(digits), 0, 6), value / unit);
    text += unit == 1e6 ? "M" : unit == 1e3 ? "k" : "";
  }
  std::string proper;
  for (const char letter : text) proper += letter == '-' ? "−" : std::string(1, letter);
  return proper;
}

}  // namespace cuttle::plot
