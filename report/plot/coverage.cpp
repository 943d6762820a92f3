#include "coverage.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cuttle::plot {
namespace {

// Extent of all points.
Box bounds(const std::vector<Polyline>& lines) {
  constexpr double kFar = std::numeric_limits<double>::infinity();
  double left = kFar, top = kFar, right = -kFar, bottom = -kFar;
  for (const Polyline& line : lines) {
    for (const Point& p : line) {
      left = std::min(left, p.x), right = std::max(right, p.x);
      top = std::min(top, p.y), bottom = std::max(bottom, p.y);
    }
  }
  return left <= right ? Box{left, top, right - left, bottom - top} : Box{};
}

// The pixels of `box`, made `reach` larger all around, that lie in `clip`; none where there are
// none.
Coverage blank(const Box& box, double reach, const Box& clip) {
  Coverage coverage;
  const double left = std::floor(std::max(box.x - reach, clip.x));
  const double top = std::floor(std::max(box.y - reach, clip.y));
  const double width = std::ceil(std::min(box.right() + reach, clip.right())) - left;
  const double height = std::ceil(std::min(box.bottom() + reach, clip.bottom())) - top;
  if (!(width > 0 && height > 0)) return coverage;
  coverage.left = static_cast<int>(left), coverage.top = static_cast<int>(top);
  coverage.width = static_cast<int>(width), coverage.height = static_cast<int>(height);
  coverage.values.resize(static_cast<size_t>(coverage.width) *
                         static_cast<size_t>(coverage.height));
  return coverage;
}

// Adds an edge that stays within one row of pixels, of which the last is there for what goes
// beyond: to the pixel it passes the area to its right, signed by its direction, and to the next
// what is left of its height. Summed up from the left, these are the areas inside.
void add_edge_in_row(float* row, int width, double x0, double x1, double height) {
  const double low = std::min(x0, x1), high = std::max(x0, x1), limit = width - 2;
  const auto part = [&](double begin, double end) {
    return high > low ? height * (end - begin) / (high - low) : height;
  };
  if (low < 0) row[0] += static_cast<float>(part(low, std::min(high, 0.0)));
  if (high < 0 || low > limit || (low < 0 && high == 0)) return;
  const double first = std::max(low, 0.0), last = std::min(high, limit);
  for (int column = static_cast<int>(first); column < width - 1; ++column) {
    const double begin = std::max(first, static_cast<double>(column));
    const double end = std::min(last, column + 1.0), to_left = (begin + end) / 2 - column;
    row[column] += static_cast<float>(part(begin, end) * (1 - to_left));
    row[column + 1] += static_cast<float>(part(begin, end) * to_left);
    if (last <= column + 1.0) return;
  }
}

void add_edge(Coverage& coverage, Point a, Point b) {
  if (a.y == b.y) return;
  const double sign = a.y < b.y ? 1 : -1;
  if (a.y > b.y) std::swap(a, b);
  const double slope = (b.x - a.x) / (b.y - a.y);
  const double low = std::min(a.x, b.x), high = std::max(a.x, b.x);
  const auto x_at = [&](double y) { return std::clamp(a.x + (y - a.y) * slope, low, high); };
  const double bottom = std::min(b.y, static_cast<double>(coverage.height));
  for (int row = static_cast<int>(std::clamp(a.y, 0.0, coverage.height * 1.0)); row < bottom;
       ++row) {
    const double begin = std::max(a.y, static_cast<double>(row)), end = std::min(bottom, row + 1.0);
    float* const values = coverage.row(row);
    add_edge_in_row(values, coverage.width, x_at(begin), x_at(end), sign * (end - begin));
  }
}

double distance(const Point& p, const Point& a, const Point& b) {
  const double dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
  const double t = square > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / square : 0;
  const double along = std::clamp(t, 0.0, 1.0);
  return std::hypot(p.x - a.x - along * dx, p.y - a.y - along * dy);
}

void add_segment(Coverage& coverage, const Point& a, const Point& b, double radius) {
  const double reach = radius + 1;
  const auto column = [&](double x) {
    return static_cast<int>(std::clamp(x - coverage.left, 0.0, coverage.width * 1.0));
  };
  const auto row = [&](double y) {
    return static_cast<int>(std::clamp(y - coverage.top, 0.0, coverage.height * 1.0));
  };
  const int first = column(std::min(a.x, b.x) - reach), end = column(std::max(a.x, b.x) + reach);
  for (int y = row(std::min(a.y, b.y) - reach); y < row(std::max(a.y, b.y) + reach); ++y) {
    float* const values = coverage.row(y);
    for (int x = first; x < end; ++x) {
      const Point middle{coverage.left + x + 0.5, coverage.top + y + 0.5};
      const double covered = std::clamp(radius + 0.5 - distance(middle, a, b), 0.0, 1.0);
      values[x] = std::max(values[x], static_cast<float>(covered));
    }
  }
}

}  // namespace

Coverage fill_coverage(const std::vector<Polyline>& contours, const Box& clip) {
  // Two columns more on the right: for an edge there, and for what it adds to its neighbour.
  Coverage coverage = blank(bounds(contours), 2, {clip.x, clip.y, clip.width + 2, clip.height});
  for (const Polyline& contour : contours) {
    for (size_t i = 0; i < contour.size() && coverage.width > 1; ++i) {
      const Point &a = contour[i], &b = contour[(i + 1) % contour.size()];
      add_edge(coverage, {a.x - coverage.left, a.y - coverage.top},
               {b.x - coverage.left, b.y - coverage.top});
    }
  }
  for (int row = 0; row < coverage.height; ++row) {
    float* const values = coverage.row(row);
    float sum = 0;
    for (int column = 0; column < coverage.width; ++column) {
      sum += values[column];
      values[column] = std::min(1.0f, std::abs(sum));
    }
  }
  return coverage;
}

Coverage stroke_coverage(const Polyline& line, double thickness, const Box& clip) {
  if (line.empty()) return {};
  const double radius = thickness / 2;
  Coverage coverage = blank(bounds({line}), radius + 1, clip);
  if (line.size() == 1) add_segment(coverage, line[0], line[0], radius);
  for (size_t i = 1; i < line.size(); ++i) add_segment(coverage, line[i - 1], line[i], radius);
  return coverage;
}

}  // namespace cuttle::plot
