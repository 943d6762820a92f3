// Pictures side by side: examples with what they were taken for, and a layer's filters.
#pragma once

#include <string>
#include <vector>

#include "canvas.h"

namespace cuttle::plot {

/// What stands below a picture: a line, and a fainter one.
struct Caption {
  std::string text = {};
  Color color = kInk;
  std::string second = {};
};

struct ImageGridOptions {
  std::string title = {};
  std::vector<Caption> captions = {};  // one a picture, or none
  int columns = 6;
  int image_width = 128;  // pixels; the height follows
  int gap = 8;            // between pictures
  double font_size = 14;
};

/// Pictures uint8 (N, H, W, 1) or (N, H, W, 3), in rows, enlarged or reduced. Captions that are too
/// long are cut. Returns uint8 (H', W', 3). Throws Error for another shape or dtype, for no
/// picture, a number of captions that is another, and columns or widths below 1.
Tensor image_grid(const Tensor& images, const ImageGridOptions& options = {});

/// Examples with the class that was predicted, its probability and, where that is wrong, the true
/// one: right ones are marked with a blue tick, wrong ones with a red cross. images as above,
/// probabilities (N, C) floating, targets (N) int64. Throws Error where these do not fit.
Tensor predictions(const Tensor& images, const Tensor& probabilities, const Tensor& targets,
                   const std::vector<std::string>& classes, ImageGridOptions options = {});

/// The filters of a convolution, weight (O, I, kH, kW): in colour for I of 3, else grey, a row of I
/// for each of the outputs. Grey is 0; each filter's largest weight, by magnitude, is black or
/// white (a channel's darkest or brightest).
Tensor filters(const Tensor& weight, ImageGridOptions options = {});

/// Floating pictures (N, C, H, W), 0 … 1, as uint8 (N, H, W, C): times 255, rounded; what lies
/// beyond is cut, and NaN gives 0.
Tensor to_pixels(const Tensor& images);

}  // namespace cuttle::plot
