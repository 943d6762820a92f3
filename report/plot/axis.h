// The numbers along a side of a chart. Internal to report.
#pragma once

#include <string>
#include <vector>

namespace cuttle::plot {

struct Tick {
  double value = 0;
  std::string label;
};

/// A range of numbers, linear or by decades, and the round ones among them.
class Axis {
 public:
  /// From `low` to `high`, both finite; where they are equal, somewhat around them. With
  /// `logarithmic` both are positive.
  Axis(double low, double high, bool logarithmic = false);

  /// Where a number lies: 0 at the low end, 1 at the high one. NaN where a logarithm has none.
  double share_of(double value) const;
  /// At most about `most` of them, 1, 2 or 5 times a power of ten apart; `whole` ones alone where
  /// the axis counts something. A logarithmic axis has powers of ten, and where these are few their
  /// multiples.
  std::vector<Tick> ticks(double most, bool whole = false) const;

  double low() const { return low_; }
  double high() const { return high_; }

 private:
  std::vector<Tick> decade_ticks(double most) const;

  double low_;
  double high_;
  bool logarithmic_;
};

/// A number of an axis whose ticks are `step` apart and whose largest is `largest`: with a true
/// minus sign, in thousands (k) from 10,000 on, in millions (M), or as 1.5e9 where it is very large
/// or small.
std::string number_label(double value, double step, double largest);

}  // namespace cuttle::plot
