// What transforms that change sizes share. Internal to data/transforms.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "geometry.h"

namespace cuttle {

/// Throws Error naming the transform for a side below 1.
void check_size(std::string_view transform, const ImageSize& size);
/// Throws Error naming the transform for a name that there is no interpolation of.
void check_interpolation(std::string_view transform, const std::string& interpolation);
/// Throws Error naming the transform and what the range is of unless 0 < low ≤ high; `zero`: 0 ≤.
void check_range(std::string_view transform, std::string_view of,
                 const std::pair<double, double>& range, bool zero);
/// Images (N, C, H, W), or with boxes (N, 4) each image's, in that size.
Tensor resample(const std::string& interpolation, bool antialias, const Tensor& images,
                const ImageSize& size, const Tensor& boxes = {});

}  // namespace cuttle
