// Many pictures as one tensor, and as a file: torchvision.utils.
#pragma once

#include <filesystem>
#include <optional>
#include <utility>

#include "../core/tensor.h"

namespace cuttle {

struct MakeGridOptions {
  int64_t nrow = 8;  // pictures in a row
  int64_t padding = 2;
  bool normalize = false;  // to 0 … 1: from value_range or, without one, from least and greatest
  std::optional<std::pair<double, double>> value_range = {};
  bool scale_each = false;  // normalize each picture by itself
  double pad_value = 0;
};

/// Pictures (N, C, H, W), one of them (C, H, W), or (H, W), as a picture (C, H', W') of the same
/// dtype and device, grey ones repeated to three channels. A picture alone is returned without
/// padding. Throws Error for another rank, an empty tensor, and a row of no pictures.
Tensor make_grid(const Tensor& images, const MakeGridOptions& options = {});

/// Writes make_grid's picture, of values 0 … 1, as write_image does: times 255, rounded.
void save_image(const Tensor& images, const std::filesystem::path& path,
                const MakeGridOptions& options = {});

}  // namespace cuttle
