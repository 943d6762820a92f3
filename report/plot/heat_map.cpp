// The layout goes from the matrix outwards: names take the room they need, then labels and the bar.
#include "heat_map.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "../../core/ops/arithmetic.h"
#include "axis.h"
#include "described.h"
#include "font.h"

namespace cuttle::plot {
namespace {

constexpr int64_t kMostCells = 1024;  // a row or column

double widest_of(const std::vector<std::string>& texts, double size) {
  double widest = 0;
  for (const std::string& text : texts) widest = std::max(widest, text_width(text, size));
  return widest;
}

std::vector<std::string> cut(std::vector<std::string> names, double size, double width) {
  for (std::string& name : names) name = fitted_text(name, size, width);
  return names;
}

class HeatMap {
 public:
  HeatMap(const Tensor& values, const HeatMapOptions& options)
      : options_(options), em_(options.font_size), small_(0.9 * em_) {
    check(values);
    rows_ = static_cast<int>(values.size(0)), columns_ = static_cast<int>(values.size(1));
    values_ = values.to(float64).cpu().to_vector<double>();
    cell_ =
        std::max(1.0, std::round(static_cast<double>(options.side) / std::max(rows_, columns_)));
    row_names_ = cut(options.row_names, small_, 10 * em_);
    column_names_ = cut(options.column_names, small_, 10 * em_);
    find_range();
  }

  Tensor draw() {
    const double names = widest_of(row_names_, small_);
    slanted_ = widest_of(column_names_, small_) > cell_ - 0.3 * em_;
    const double under = column_names_.empty() ? 0
                         : slanted_ ? widest_of(column_names_, small_) * kSlant + 1.2 * em_
                                    : 1.5 * em_;
    const std::vector<Tick> ticks = Axis(low_, high_).ticks(6);
    double tick_width = 0;
    for (const Tick& t : ticks) tick_width = std::max(tick_width, text_width(t.label, small_));

    const double left =
        (options_.y_label.empty() ? 1 : 2.7) * em_ + names + (names > 0 ? 0.5 * em_ : 0);
    const double top = (options_.title.empty() ? 1 : 2.8) * em_;
    matrix_ = {std::round(left), std::round(top), columns_ * cell_, rows_ * cell_};
    bar_ = {matrix_.right() + 1.2 * em_, matrix_.y, std::round(1.1 * em_), matrix_.height};
    const double right =
        bar_.right() + 0.5 * em_ + tick_width + (options_.bar_label.empty() ? 1 : 2.1) * em_;
    const double bottom =
        matrix_.bottom() + 0.4 * em_ + under + (options_.x_label.empty() ? 0.6 : 2) * em_;
    Canvas canvas(static_cast<int>(right), static_cast<int>(bottom));
    draw_cells(canvas);
    draw_names(canvas);
    draw_bar(canvas, ticks);
    draw_labels(canvas);
    return canvas.pixels();
  }

 private:
  static constexpr double kSlant = std::numbers::sqrt2 / 2;

  void check(const Tensor& values) const {
    if (!values.defined() || values.dim() != 2 || values.numel() == 0) {
      fail("heat_map: expected a matrix of one cell or more, got ", described(values));
    }
    if (std::max(values.size(0), values.size(1)) > kMostCells) {
      fail("heat_map: at most ", kMostCells, " rows and columns can be shown, got ",
           values.shape());
    }
    const auto check_number = [&](const char* what, size_t number, int64_t wanted) {
      if (number == 0 || number == static_cast<size_t>(wanted)) return;
      fail("heat_map: ", values.shape(), " needs ", wanted, " ", what, ", got ", number);
    };
    check_number("row_names", options_.row_names.size(), values.size(0));
    check_number("column_names", options_.column_names.size(), values.size(1));
    check_number("texts", options_.texts.size(), values.numel());
    if (!(em_ >= 4 && em_ <= 1000)) fail("heat_map: font_size can be 4 to 1000, got ", em_);
    if (options_.side < 1 || options_.side > 8192) {
      fail("heat_map: side can be 1 to 8192 pixels, got ", options_.side);
    }
  }

  void find_range() {
    low_ = options_.low, high_ = options_.high;
    if (low_ == 0 && high_ == 0) {
      low_ = HUGE_VAL, high_ = -HUGE_VAL;
      for (const double value : values_) {
        if (std::isfinite(value)) low_ = std::min(low_, value), high_ = std::max(high_, value);
      }
      if (low_ > high_) low_ = 0, high_ = 1;
    }
    const Axis axis(low_, high_);  // widens a range of one number
    low_ = axis.low(), high_ = axis.high();
  }

  double share_of(double value) const { return (value - low_) / (high_ - low_); }
  double& at(int row, int column) { return values_[static_cast<size_t>(row * columns_ + column)]; }

  std::vector<std::string> cell_texts() const {
    if (!options_.texts.empty()) return options_.texts;
    std::vector<std::string> texts;
    for (const double value : values_) {
      char text[32];
      std::snprintf(text, sizeof(text), "%.3g", value);
      texts.emplace_back(text);
    }
    return texts;
  }

  void draw_cells(Canvas& canvas) {
    const std::vector<std::string> texts = cell_texts();
    const double fitting = em_ * 0.85 * cell_ / std::max(1.0, 1.15 * widest_of(texts, 0.85 * em_));
    const double size = std::min({0.85 * em_, fitting, 0.7 * cell_});
    const bool with_texts = options_.numbers && size >= 0.55 * em_;
    const double gap = cell_ >= 12 ? 1 : 0;  // between cells, white
    for (int row = 0; row < rows_; ++row) {
      for (int column = 0; column < columns_; ++column) {
        const Color color = options_.color_map(share_of(at(row, column)));
        const Box box{matrix_.x + column * cell_, matrix_.y + row * cell_, cell_ - gap,
                      cell_ - gap};
        canvas.fill(box, color);
        if (!with_texts) continue;
        canvas.text(box.middle(), texts[static_cast<size_t>(row * columns_ + column)],
                    {.size = size,
                     .color = brightness(color) > 0.55 ? kInk : kWhite,
                     .align_x = 0.5,
                     .align_y = 0.5});
      }
    }
    const double thin = 1;
    canvas.fill(Box{matrix_.x - thin, matrix_.y - thin, matrix_.width + 2 * thin - gap, thin},
                kFaintInk);
    canvas.fill(Box{matrix_.x - thin, matrix_.bottom() - gap, matrix_.width + 2 * thin - gap, thin},
                kFaintInk);
    canvas.fill(Box{matrix_.x - thin, matrix_.y, thin, matrix_.height - gap}, kFaintInk);
    canvas.fill(Box{matrix_.right() - gap, matrix_.y, thin, matrix_.height - gap}, kFaintInk);
  }

  void draw_names(Canvas& canvas) const {
    const size_t every = static_cast<size_t>(std::ceil(1.25 * small_ / cell_));
    for (size_t i = 0; i < row_names_.size(); i += every) {
      const double y = matrix_.y + (static_cast<double>(i) + 0.5) * cell_;
      canvas.text({matrix_.x - 0.5 * em_, y}, row_names_[i],
                  {.size = small_, .align_x = 1, .align_y = 0.5});
    }
    for (size_t i = 0; i < column_names_.size(); i += every) {
      const double x = matrix_.x + (static_cast<double>(i) + 0.5) * cell_;
      if (slanted_) {
        canvas.text({x, matrix_.bottom() + 0.5 * em_}, column_names_[i],
                    {.size = small_, .align_x = 1, .align_y = 0.9, .angle = 45});
      } else {
        canvas.text({x, matrix_.bottom() + 0.5 * em_}, column_names_[i],
                    {.size = small_, .align_x = 0.5, .align_y = 1});
      }
    }
  }

  void draw_bar(Canvas& canvas, const std::vector<Tick>& ticks) const {
    for (double y = 0; y < bar_.height; ++y) {
      const double share = 1 - (y + 0.5) / bar_.height;
      canvas.fill(Box{bar_.x, bar_.y + y, bar_.width, 1}, options_.color_map(share));
    }
    canvas.stroke({{bar_.x, bar_.y},
                   {bar_.right(), bar_.y},
                   {bar_.right(), bar_.bottom()},
                   {bar_.x, bar_.bottom()},
                   {bar_.x, bar_.y}},
                  1, kFaintInk);
    for (const Tick& tick : ticks) {
      const double y = bar_.bottom() - share_of(tick.value) * bar_.height;
      canvas.text({bar_.right() + 0.5 * em_, y}, tick.label, {.size = small_, .align_y = 0.5});
    }
  }

  void draw_labels(Canvas& canvas) const {
    const Point middle = matrix_.middle();
    canvas.text(
        {middle.x, em_},
        fitted_text(options_.title, 1.1 * em_, 2 * std::min(middle.x, canvas.width() - middle.x)),
        {.size = 1.1 * em_, .align_x = 0.5, .align_y = 1});
    canvas.text({middle.x, canvas.height() - 0.9 * em_},
                fitted_text(options_.x_label, em_, 2 * middle.x), {.size = em_, .align_x = 0.5});
    canvas.text({1.6 * em_, middle.y}, fitted_text(options_.y_label, em_, canvas.height()),
                {.size = em_, .align_x = 0.5, .angle = 90});
    canvas.text({canvas.width() - 0.8 * em_, middle.y},
                fitted_text(options_.bar_label, small_, canvas.height()),
                {.size = small_, .align_x = 0.5, .angle = 90});
  }

  const HeatMapOptions& options_;
  double em_;
  double small_;
  int rows_ = 0;
  int columns_ = 0;
  std::vector<double> values_;
  std::vector<std::string> row_names_, column_names_;
  double low_ = 0, high_ = 0;
  double cell_ = 0;  // side of a cell
  bool slanted_ = false;
  Box matrix_, bar_;
};

}  // namespace

Tensor heat_map(const Tensor& values, const HeatMapOptions& options) {
  return HeatMap(values, options).draw();
}

Tensor confusion_matrix(const Tensor& counts, const std::vector<std::string>& classes,
                        HeatMapOptions options) {
  if (!counts.defined() || counts.dim() != 2 || counts.size(0) != counts.size(1) ||
      is_floating_point(counts.dtype())) {
    fail("confusion_matrix: expected counts (classes, classes) of integers, got ",
         described(counts));
  }
  const Tensor numbers = counts.to(float64).cpu();
  for (const double count : numbers.to_vector<double>()) {
    options.texts.push_back(count == 0 ? "" : std::to_string(std::llround(count)));
  }
  const auto set = [](std::string& text, const char* standard) {
    if (text.empty()) text = standard;
  };
  set(options.x_label, "predicted class");
  set(options.y_label, "true class");
  set(options.bar_label, "share of the true class, %");
  options.row_names = options.column_names = classes;
  options.low = 0, options.high = 100;
  return heat_map(100 * numbers / numbers.sum(1, true).clamp(1), options);
}

}  // namespace cuttle::plot
