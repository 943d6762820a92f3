#include "image_grid.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "../../core/creation.h"
#include "../../core/ops/arithmetic.h"
#include "../../core/ops/elementwise.h"
#include "../../core/values_indices.h"
#include "described.h"
#include "font.h"

namespace cuttle::plot {
namespace {

constexpr const char* kName = "image_grid";

void check(const Tensor& images, const ImageGridOptions& options) {
  if (!images.defined() || images.dtype() != DType::uint8 || images.dim() != 4 ||
      images.numel() == 0 || (images.size(3) != 1 && images.size(3) != 3)) {
    fail(kName, ": expected uint8 (N, H, W, C) with C of 1 or 3, not empty; got ",
         described(images), "; to_pixels makes such of floating (N, C, H, W)");
  }
  if (!options.captions.empty() &&
      static_cast<int64_t>(options.captions.size()) != images.size(0)) {
    fail(kName, ": ", images.size(0), " pictures need as many captions, got ",
         options.captions.size());
  }
  if (options.columns < 1 || options.image_width < 1 || options.gap < 0) {
    fail(kName, ": columns and image_width begin at 1, gap at 0; got ", options.columns, ", ",
         options.image_width, " and ", options.gap);
  }
  if (!(options.font_size >= 4 && options.font_size <= 1000)) {
    fail(kName, ": font_size can be 4 to 1000, got ", options.font_size);
  }
}

// Whether any caption has the line.
template <class Line>
bool any(const std::vector<Caption>& captions, const Line& line) {
  return std::any_of(captions.begin(), captions.end(),
                     [&](const Caption& c) { return !line(c).empty(); });
}

}  // namespace

Tensor image_grid(const Tensor& images, const ImageGridOptions& options) {
  check(images, options);
  const auto count = static_cast<int>(images.size(0)), columns = std::min(options.columns, count);
  const int rows = (count + columns - 1) / columns;
  const double em = options.font_size, width = options.image_width, line = 1.25 * em;
  const double height = std::max(1.0, std::round(width * static_cast<double>(images.size(1)) /
                                                 static_cast<double>(images.size(2))));
  const double first = any(
                           options.captions, [](const Caption& c) -> auto& { return c.text; })
                           ? line
                           : 0;
  const double second = any(
                            options.captions, [](const Caption& c) -> auto& { return c.second; })
                            ? line
                            : 0;
  const double below = first + second + (first + second > 0 ? 0.35 * em : 0);
  const double margin = std::max<double>(options.gap, first + second > 0 ? 0.8 * em : 0);
  const double top = options.title.empty() ? margin : 2.4 * em;
  const double across = width + options.gap, down = height + below + options.gap;

  Canvas canvas(static_cast<int>(2 * margin + columns * across - options.gap),
                static_cast<int>(top + rows * down - options.gap + margin));
  canvas.text({canvas.width() / 2.0, 0.8 * em},
              fitted_text(options.title, 1.1 * em, canvas.width() - em),
              {.size = 1.1 * em, .align_x = 0.5, .align_y = 1});
  const Tensor pixels = images.cpu();
  for (int i = 0; i < count; ++i) {
    const double x = std::round(margin + i % columns * across),
                 y = std::round(top + i / columns * down);
    canvas.image(pixels.select(0, i), {x, y, width, height});
    if (options.captions.empty()) continue;
    const Caption& caption = options.captions[static_cast<size_t>(i)];
    const double room = width + options.gap / 2.0, baseline = y + height + 0.2 * em;
    const auto write = [&](const std::string& text, double bottom, Color color) {
      canvas.text({x + width / 2, bottom}, fitted_text(text, 0.9 * em, room),
                  {.size = 0.9 * em, .color = color, .align_x = 0.5});
    };
    write(caption.text, baseline + 0.85 * line, caption.color);
    write(caption.second, baseline + first + 0.85 * line, kFaintInk);
  }
  return canvas.pixels();
}

Tensor predictions(const Tensor& images, const Tensor& probabilities, const Tensor& targets,
                   const std::vector<std::string>& classes, ImageGridOptions options) {
  const auto number = static_cast<int64_t>(classes.size());
  if (probabilities.dim() != 2 || probabilities.size(0) != images.size(0) ||
      probabilities.size(1) != number || targets.dim() != 1 || targets.size(0) != images.size(0)) {
    fail("predictions: images ", images.shape(), " and ", number, " classes need probabilities [",
         images.size(0), ", ", number, "] and targets [", images.size(0), "], got ",
         probabilities.shape(), " and ", targets.shape());
  }
  const auto chances = probabilities.max(1);
  const auto values = chances.values.to(float64).to_vector<double>();
  const auto taken = chances.indices.to_vector<int64_t>(),
             wanted = targets.to(int64).to_vector<int64_t>();
  options.captions.clear();
  for (size_t i = 0; i < taken.size(); ++i) {
    if (wanted[i] < 0 || wanted[i] >= number)
      fail("predictions: target ", wanted[i], " of picture ", i, " is none of ", number,
           " classes");
    const bool right = taken[i] == wanted[i];
    char percent[16];
    std::snprintf(percent, sizeof(percent), " %.0f %%", 100 * values[i]);
    options.captions.push_back(
        {(right ? "✓ " : "✗ ") + classes[static_cast<size_t>(taken[i])] + percent,
         right ? kBlue : kVermilion, right ? "" : "is " + classes[static_cast<size_t>(wanted[i])]});
  }
  return image_grid(images, options);
}

Tensor filters(const Tensor& weight, ImageGridOptions options) {
  if (!weight.defined() || weight.dim() != 4 || weight.numel() == 0) {
    fail("filters: expected the weight (O, I, kH, kW) of a convolution, got ", described(weight));
  }
  const bool colour = weight.size(1) == 3;
  if (!colour)
    options.columns = static_cast<int>(weight.size(1) == 1 ? options.columns : weight.size(1));
  const Tensor values = weight.detach().to(float32).cpu().contiguous();
  const Tensor images = colour ? values : values.reshape({-1, 1, weight.size(2), weight.size(3)});
  const Tensor largest = images.abs().amax({1, 2, 3}, true).clamp(1e-12);
  return image_grid(to_pixels(images / (2 * largest) + 0.5), options);
}

Tensor to_pixels(const Tensor& images) {
  if (!images.defined() || images.dim() != 4 || !is_floating_point(images.dtype())) {
    fail("to_pixels: expected floating pictures (N, C, H, W), got ", described(images));
  }
  const Tensor values = (images.detach().to(float32) * 255).round().clamp(0, 255);
  return where(values == values, values, 0).to(uint8).permute({0, 2, 3, 1}).contiguous();
}

}  // namespace cuttle::plot
