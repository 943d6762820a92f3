#include "interpolate.h"

#include <cmath>
#include <map>

#include "../dispatch.h"
#include "resample.h"

namespace cuttle {
namespace {

using kernels::ResampleAxis;
using kernels::ResampleMode;

ResampleMode mode_of(const Tensor& input, const InterpolateOptions& options) {
  static const std::map<std::string, ResampleMode> modes = {
      {"nearest", ResampleMode::nearest}, {"nearest-exact", ResampleMode::nearest_exact},
      {"linear", ResampleMode::linear},   {"bilinear", ResampleMode::linear},
      {"bicubic", ResampleMode::cubic},
  };
  const auto found = modes.find(options.mode);
  if (found == modes.end())
    fail("interpolate: there is no mode \"", options.mode,
         "\"; there are nearest, nearest-exact, linear, bilinear and bicubic");
  const bool nearest = options.mode.starts_with("nearest"), for_lines = options.mode == "linear";
  if (input.dim() != 3 && input.dim() != 4)
    fail("interpolate: expected an input of shape (N, C, L) or (N, C, H, W), got ", input.shape());
  if (!nearest && for_lines != (input.dim() == 3))
    fail("interpolate: the mode ", options.mode, " is for inputs of shape ",
         for_lines ? "(N, C, L)" : "(N, C, H, W)", ", got ", input.shape());
  if (nearest && options.align_corners)
    fail("interpolate: align_corners is for linear, bilinear and bicubic, got the mode ",
         options.mode);
  return found->second;
}

// Of one number for all dimensions, or one for each, that of dimension d of `dims`.
template <class T>
T one_of(const char* name, const std::vector<T>& values, int d, int dims) {
  if (values.size() == 1) return values[0];
  if (static_cast<int>(values.size()) != dims)
    fail("interpolate: expected ", dims, " numbers in ", name, ", or one, got ", values.size());
  return values[static_cast<size_t>(d)];
}

ResampleAxis axis_of(const Tensor& input, int d, const InterpolateOptions& options) {
  const int dims = input.dim() - 2;
  ResampleAxis axis{.in = input.size(d + 2), .align_corners = options.align_corners};
  const auto in = static_cast<double>(axis.in);
  double factor = 0;  // 0: from the sizes
  if (!options.size.empty()) {
    axis.out = one_of("size", options.size, d, dims);
  } else {
    factor = one_of("scale_factor", options.scale_factor, d, dims);
    if (!(factor > 0 && in * factor < 2147483647.0))
      fail("interpolate: scale_factor must be greater than 0 and finite, got ", factor);
    axis.out = static_cast<int64_t>(std::floor(in * factor));
    if (options.recompute_scale_factor) factor = 0;
  }
  if (axis.in < 1 || axis.out < 1)
    fail("interpolate: sizes must be at least 1, got an input of shape ", input.shape(),
         " and an output size of ", axis.out);
  const auto out = static_cast<double>(axis.out);
  axis.scale = factor > 0 ? 1 / factor : in / out;
  if (options.align_corners) axis.scale = axis.out > 1 ? (in - 1) / (out - 1) : 0;
  return axis;
}

}  // namespace

Tensor interpolate(const Tensor& input, const InterpolateOptions& options) {
  check_defined("interpolate", input);
  if (!is_floating_point(input.dtype()))
    fail("interpolate: expected a floating dtype, got ", input.dtype(),
         "; convert first, with .to(float32) for example");
  const ResampleMode mode = mode_of(input, options);
  if (options.size.empty() == options.scale_factor.empty())
    fail("interpolate: expected either size or scale_factor, got ",
         options.size.empty() ? "neither" : "both");
  kernels::ResampleShape shape;
  shape.mode = mode;
  const bool line = input.dim() == 3;
  if (!line) shape.height = axis_of(input, 0, options);
  shape.width = axis_of(input, line ? 0 : 1, options);
  const Tensor y = resample("interpolate", shape, line ? input.unsqueeze(2) : input);
  return line ? y.squeeze(2) : y;
}

}  // namespace cuttle
