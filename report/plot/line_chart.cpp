// A chart's layout, from the outside in: title, legend and labels take their room, the rest is the
// curves'. All lengths are multiples of the font's size.
#include "line_chart.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "axis.h"
#include "font.h"

namespace cuttle::plot {
namespace {

constexpr size_t kMostMarkers = 40;

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  bool empty() const { return low > high; }
  void include(double value) { low = std::min(low, value), high = std::max(high, value); }
};

double x_of(const Curve& curve, size_t i) {
  return curve.x.empty() ? static_cast<double>(i + 1) : curve.x[i];
}

struct LegendEntry {
  size_t curve = 0;
  std::string label;
  double x = 0;  // pixels
  double row = 0;
};

constexpr double kSwatch = 1.6;  // length of a legend's line, in em

class LineChart {
 public:
  LineChart(const std::vector<Curve>& curves, const LineChartOptions& options)
      : curves_(curves),
        options_(options),
        em_(options.font_size),
        canvas_(options.width, options.height),
        x_(1, 1),
        y_(1, 1) {
    check();
    measure();
  }

  Tensor draw() {
    const double title_room = options_.title.empty() ? 0 : 1.7 * em_;
    const double top = 0.9 * em_ + title_room + place_legend();
    const double bottom = (options_.x_label.empty() ? 2.1 : 3.6) * em_;
    const std::vector<Tick> y_ticks = y_.ticks((options_.height - top - bottom) / (2.2 * em_));
    double widest = 0;
    for (const Tick& tick : y_ticks) widest = std::max(widest, text_width(tick.label, small()));
    const double left = (options_.y_label.empty() ? 0.8 : 2.3) * em_ + widest + 0.5 * em_;
    frame_ = {std::round(left), std::round(top), 0, 0};
    frame_.width = options_.width - 1.2 * em_ - frame_.x;
    frame_.height = std::round(options_.height - bottom) - frame_.y;
    if (frame_.width < 4 * em_ || frame_.height < 3 * em_) {
      fail("line_chart: ", options_.width, " by ", options_.height,
           " pixels are too few for letters of ", em_,
           "; choose a larger width and height, or a smaller font_size");
    }
    draw_grid(y_ticks);
    draw_legend(0.9 * em_ + title_room);
    draw_labels();
    for (size_t i = 0; i < curves_.size(); ++i) draw_curve(curves_[i], curve_color(i));
    return canvas_.pixels();
  }

 private:
  void check() const {
    for (const Curve& curve : curves_) {
      if (!curve.x.empty() && curve.x.size() != curve.y.size()) {
        fail("line_chart: curve \"", curve.label, "\" has ", curve.x.size(), " x and ",
             curve.y.size(), " y");
      }
    }
    if (!(em_ >= 4 && em_ <= 1000)) fail("line_chart: font_size can be 4 to 1000, got ", em_);
  }

  bool is_shown(const Curve& curve, size_t i) const {
    return std::isfinite(x_of(curve, i)) && std::isfinite(curve.y[i]) &&
           (!options_.log_y || curve.y[i] > 0);
  }

  // Finds the ranges of both axes.
  void measure() {
    Range x, y;
    for (const Curve& curve : curves_) {
      for (size_t i = 0; i < curve.y.size(); ++i) {
        if (!is_shown(curve, i)) continue;
        x.include(x_of(curve, i));
        y.include(curve.y[i]);
        counts_ = counts_ && x_of(curve, i) == std::floor(x_of(curve, i));
      }
    }
    if (x.empty()) x = {0, 1}, y = {options_.log_y ? 0.1 : 0, 1};
    const double beside = (x.high - x.low) * 0.02;
    x_ = x.low == x.high ? Axis(x.low - 1, x.high + 1) : Axis(x.low - beside, x.high + beside);
    const Axis around(y.low, y.high, options_.log_y);  // not of one number
    if (options_.log_y) {
      const double more = std::pow(around.high() / around.low(), 0.05);
      y = {around.low() / more, around.high() * more};
    } else {
      const double more = (around.high() - around.low()) * 0.05;
      y = {around.low() - more, around.high() + more};
    }
    y.low = options_.y_min.value_or(y.low), y.high = options_.y_max.value_or(y.high);
    if (!(y.low < y.high) || !std::isfinite(y.high - y.low) || (options_.log_y && y.low <= 0)) {
      fail("line_chart: the y axis cannot go from ", y.low, " to ", y.high,
           options_.log_y ? " with log_y" : "");
    }
    y_ = Axis(y.low, y.high, options_.log_y);
  }

  Point place(double x, double y) const {
    return {frame_.x + x_.share_of(x) * frame_.width,
            frame_.bottom() - y_.share_of(y) * frame_.height};
  }

  // Puts the names of the curves into rows; returns the height they take.
  double place_legend() {
    const double room = options_.width - 7 * em_;
    double x = 0, rows = 0;
    for (size_t i = 0; i < curves_.size(); ++i) {
      if (curves_[i].label.empty()) continue;
      const std::string label = fitted_text(curves_[i].label, small(), room - kSwatch * em_);
      const double width = (kSwatch + 0.4) * em_ + text_width(label, small());
      if (rows == 0 || x + width > room) x = 0, ++rows;
      legend_.push_back({i, label, x, rows - 1});
      x += width + 1.4 * em_;
    }
    return rows > 0 ? (1.5 * rows + 0.4) * em_ : 0;
  }

  void draw_legend(double top) {
    for (const LegendEntry& entry : legend_) {
      const double x = frame_.x + entry.x, y = top + (1.5 * entry.row + 0.5) * em_;
      const Color color = curve_color(entry.curve);
      canvas_.stroke({{x + 2, y}, {x + kSwatch * em_, y}}, line_thickness(), color);
      if (has_markers(curves_[entry.curve])) {
        canvas_.disk({x + kSwatch / 2 * em_, y}, marker_radius(), color);
      }
      canvas_.text({x + (kSwatch + 0.4) * em_, y}, entry.label, {.size = small(), .align_y = 0.5});
    }
  }

  void draw_grid(const std::vector<Tick>& y_ticks) {
    const double size = small(), thin = std::max(1.0, std::round(em_ / 15));
    const auto line = [&](double x, double y, double width, double height, Color color) {
      canvas_.fill(Box{std::round(x - thin / 2), std::round(y - thin / 2), width, height}, color);
    };
    for (const Tick& tick : y_ticks) {
      const double y = place(x_.low(), tick.value).y;
      line(frame_.x, y, frame_.width, thin, kGridLine);
      canvas_.text({frame_.x - 0.5 * em_, y}, tick.label,
                   {.size = size, .align_x = 1, .align_y = 0.5});
    }
    double widest = 0;
    for (const Tick& tick : x_.ticks(10)) widest = std::max(widest, text_width(tick.label, size));
    for (const Tick& tick : x_.ticks(frame_.width / (widest + 2 * em_), counts_)) {
      const double x = place(tick.value, y_.low()).x;
      line(x, frame_.y, thin, frame_.height, kGridLine);
      canvas_.text({x, frame_.bottom() + 0.55 * em_}, tick.label,
                   {.size = size, .align_x = 0.5, .align_y = 1});
    }
    line(frame_.x, frame_.bottom(), frame_.width, thin, kInk);
    line(frame_.x, frame_.y, thin, frame_.height, kInk);
  }

  void draw_labels() {
    const Point middle = frame_.middle();
    const auto fitted = [&](const std::string& text, double size, double room) {
      return fitted_text(text, size, room);
    };
    canvas_.text(
        {middle.x, 0.9 * em_},
        fitted(options_.title, 1.1 * em_, 2 * std::min(middle.x, options_.width - middle.x)),
        {.size = 1.1 * em_, .align_x = 0.5, .align_y = 1});
    canvas_.text({middle.x, options_.height - 1.1 * em_},
                 fitted(options_.x_label, em_, frame_.width), {.size = em_, .align_x = 0.5});
    canvas_.text({1.6 * em_, middle.y}, fitted(options_.y_label, em_, frame_.height),
                 {.size = em_, .align_x = 0.5, .angle = 90});
  }

  double small() const { return 0.9 * em_; }  // the size of letters that say less
  double line_thickness() const { return 0.14 * em_; }
  double marker_radius() const { return 0.24 * em_; }
  static bool has_markers(const Curve& curve) { return curve.y.size() <= kMostMarkers; }

  void draw_curve(const Curve& curve, Color color) {
    // Half a marker of those on the frame may stand out.
    const double out = marker_radius();
    canvas_.clip({frame_.x - out, frame_.y - out, frame_.width + 2 * out, frame_.height + 2 * out});
    Polyline piece;
    for (size_t i = 0; i <= curve.y.size(); ++i) {
      if (i < curve.y.size() && is_shown(curve, i)) {
        piece.push_back(place(x_of(curve, i), curve.y[i]));
        continue;
      }
      canvas_.stroke(piece, line_thickness(), color);
      if (has_markers(curve) || piece.size() == 1) {
        for (const Point& point : piece) canvas_.disk(point, marker_radius(), color);
      }
      piece.clear();
    }
    canvas_.unclip();
  }

  const std::vector<Curve>& curves_;
  const LineChartOptions& options_;
  double em_;
  Canvas canvas_;
  Axis x_;
  Axis y_;
  bool counts_ = true;  // all x are whole numbers
  Box frame_;           // of the curves
  std::vector<LegendEntry> legend_;
};

}  // namespace

Tensor line_chart(const std::vector<Curve>& curves, const LineChartOptions& options) {
  return LineChart(curves, options).draw();
}

}  // namespace cuttle::plot
