#include "canvas.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "../../core/creation.h"
#include "described.h"
#include "font.h"

namespace cuttle::plot {
namespace {

constexpr int kMaxSide = 16384;

bool is_finite(const Polyline& line) {
  return std::all_of(line.begin(), line.end(),
                     [](const Point& p) { return std::isfinite(p.x) && std::isfinite(p.y); });
}

void blend(uint8_t* pixel, Color color, float share) {
  const auto mix = [&](uint8_t below, uint8_t above) {
    return static_cast<uint8_t>(
        std::lround(static_cast<float>(below) + static_cast<float>(above - below) * share));
  };
  pixel[0] = mix(pixel[0], color.red);
  pixel[1] = mix(pixel[1], color.green);
  pixel[2] = mix(pixel[2], color.blue);
}

// The mean of a picture (H, W, C) over a part of it, in its own pixels.
Color mean_over(const Tensor& picture, const Box& part) {
  const int64_t width = picture.size(1), channels = picture.dim() == 3 ? picture.size(2) : 1;
  const auto* const pixels = picture.data<uint8_t>();
  const auto first_row = static_cast<int64_t>(part.y), first_column = static_cast<int64_t>(part.x);
  const auto end_row = std::min<int64_t>(picture.size(0), std::llround(std::ceil(part.bottom())));
  const auto end_column = std::min<int64_t>(width, std::llround(std::ceil(part.right())));
  const auto share = [](int64_t at, double begin, double end) {
    return std::max(
        0.0, std::min(end, static_cast<double>(at + 1)) - std::max(begin, static_cast<double>(at)));
  };
  double sums[3] = {}, area = 0;
  for (int64_t y = first_row; y < end_row; ++y) {
    for (int64_t x = first_column; x < end_column; ++x) {
      const double weight = share(y, part.y, part.bottom()) * share(x, part.x, part.right());
      const uint8_t* const pixel = pixels + (y * width + x) * channels;
      for (int64_t c = 0; c < 3; ++c) sums[c] += weight * pixel[channels == 3 ? c : 0];
      area += weight;
    }
  }
  const auto mean = [&](double sum) { return static_cast<uint8_t>(std::lround(sum / area)); };
  return {mean(sums[0]), mean(sums[1]), mean(sums[2])};
}

void check_picture(const char* name, const Tensor& picture) {
  const bool fits = picture.defined() && picture.dtype() == DType::uint8 &&
                    picture.device().is_cpu() &&
                    (picture.dim() == 2 ||
                     (picture.dim() == 3 && (picture.size(2) == 1 || picture.size(2) == 3)));
  if (fits && picture.numel() > 0) return;
  fail(name,
       ": expected a picture that is not empty, uint8 (H, W), (H, W, 1) or (H, W, 3) on the CPU, "
       "got ",
       described(picture), picture.defined() ? " on " + picture.device().str() : "");
}

Tensor joined(const char* name, const std::vector<Tensor>& pictures, bool in_a_row) {
  if (pictures.empty()) fail(name, ": there is no picture");
  int64_t width = 0, height = 0;
  for (const Tensor& picture : pictures) {
    check_picture(name, picture);
    const int64_t w = picture.size(1), h = picture.size(0);
    width = in_a_row ? width + w : std::max(width, w);
    height = in_a_row ? std::max(height, h) : height + h;
  }
  Canvas canvas(static_cast<int>(std::min<int64_t>(width, kMaxSide + 1)),
                static_cast<int>(std::min<int64_t>(height, kMaxSide + 1)));
  Point at;
  for (const Tensor& picture : pictures) {
    const auto w = static_cast<double>(picture.size(1)), h = static_cast<double>(picture.size(0));
    canvas.image(picture, {at.x, at.y, w, h});
    (in_a_row ? at.x : at.y) += in_a_row ? w : h;
  }
  return canvas.pixels();
}

}  // namespace

Canvas::Canvas(int width, int height, Color background) : width_(width), height_(height) {
  if (std::min(width, height) < 1 || std::max(width, height) > kMaxSide) {
    fail("Canvas: a side can have 1 to ", kMaxSide, " pixels, got ", width, " by ", height);
  }
  unclip();
  pixels_.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * 3);
  for (size_t i = 0; i < pixels_.size(); i += 3) std::memcpy(&pixels_[i], &background, 3);
}

void Canvas::clip(const Box& box) {
  const double left = std::clamp(box.x, 0.0, width_ * 1.0);
  const double top = std::clamp(box.y, 0.0, height_ * 1.0);
  clip_ = {left, top, std::clamp(box.right(), left, width_ * 1.0) - left,
           std::clamp(box.bottom(), top, height_ * 1.0) - top};
}

void Canvas::paint(const Coverage& coverage, Color color) {
  const auto whole = [](double side) { return static_cast<int>(std::lround(side)); };
  const int left = std::max(coverage.left, whole(clip_.x));
  const int right = std::min(coverage.left + coverage.width, whole(clip_.right()));
  const int bottom = std::min(coverage.top + coverage.height, whole(clip_.bottom()));
  for (int y = std::max(coverage.top, whole(clip_.y)); y < bottom; ++y) {
    const float* const row = coverage.row(y - coverage.top);
    for (int x = left; x < right; ++x) {
      if (row[x - coverage.left] > 0) blend(pixel(x, y), color, row[x - coverage.left]);
    }
  }
}

void Canvas::fill(const std::vector<Polyline>& contours, Color color) {
  if (std::all_of(contours.begin(), contours.end(), is_finite))
    paint(fill_coverage(contours, clip_), color);
}

void Canvas::fill(const Box& box, Color color) {
  fill({{{box.x, box.y}, {box.right(), box.y}, {box.right(), box.bottom()}, {box.x, box.bottom()}}},
       color);
}

void Canvas::stroke(const Polyline& line, double thickness, Color color) {
  if (is_finite(line)) paint(stroke_coverage(line, thickness, clip_), color);
}

void Canvas::text(Point point, std::string_view text, const TextStyle& style) {
  const double turn = style.angle * std::numbers::pi / 180;
  const double cosine = std::cos(turn), sine = std::sin(turn);
  const Point offset{-style.align_x * text_width(text, style.size),
                     style.align_y * kCapHeight * style.size};
  // A baseline on whole pixels is sharper.
  if (style.angle == 0) point.y = std::round(point.y + offset.y) - offset.y;
  for (std::vector<Polyline>& contours : text_contours(text, style.size)) {
    for (Polyline& contour : contours) {
      for (Point& p : contour) {
        const double x = p.x + offset.x, y = p.y + offset.y;
        p = {point.x + x * cosine + y * sine, point.y - x * sine + y * cosine};
      }
    }
    fill(contours, style.color);
  }
}

void Canvas::image(const Tensor& pixels, const Box& box) {
  check_picture("Canvas::image", pixels);
  const auto whole = [](double side) {
    return static_cast<int>(std::lround(std::clamp(side, -1e6, 1e6)));
  };
  const int left = whole(box.x), top = whole(box.y);
  const int columns = whole(box.width), rows = whole(box.height);
  const Tensor source = pixels.contiguous();
  const double across = static_cast<double>(source.size(1)) / columns;
  const double down = static_cast<double>(source.size(0)) / rows;
  for (int y = std::max(0, -top); y < std::min(rows, height_ - top); ++y) {
    for (int x = std::max(0, -left); x < std::min(columns, width_ - left); ++x) {
      const Color color = mean_over(source, {x * across, y * down, across, down});
      std::memcpy(pixel(left + x, top + y), &color, 3);
    }
  }
}

Tensor Canvas::pixels() const {
  return tensor(pixels_, {height_, width_, 3});
}

Tensor beside(const std::vector<Tensor>& pictures) {
  return joined("beside", pictures, true);
}
Tensor below(const std::vector<Tensor>& pictures) {
  return joined("below", pictures, false);
}

}  // namespace cuttle::plot
