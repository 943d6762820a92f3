// Upsample, UpsamplingNearest2d and UpsamplingBilinear2d: planes and lines in other sizes.
#pragma once

#include "../core/ops/interpolate.h"
#include "module.h"

namespace cuttle {

/// torch.nn.Upsample: input (N, C, L) or (N, C, H, W); Upsample({.scale_factor = {2}, .mode =
/// "bilinear"}). Options and errors: core/ops/interpolate.h.
class Upsample : public Module {
 public:
  explicit Upsample(const InterpolateOptions& options) : options_(options) {
    constructed_from<Upsample>(options);
  }

  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;

 private:
  InterpolateOptions options_;
};

/// What the two layers below take: sizes or factors, as InterpolateOptions.
struct UpsamplingOptions {
  std::vector<int64_t> size = {};
  std::vector<double> scale_factor = {};
};

/// torch.nn.UpsamplingNearest2d: Upsample with the mode "nearest".
class UpsamplingNearest2d : public Upsample {
 public:
  explicit UpsamplingNearest2d(const UpsamplingOptions& options)
      : Upsample({.size = options.size, .scale_factor = options.scale_factor}) {
    constructed_from<UpsamplingNearest2d>(options);
  }
};

/// torch.nn.UpsamplingBilinear2d: Upsample with the mode "bilinear" and aligned corners.
class UpsamplingBilinear2d : public Upsample {
 public:
  explicit UpsamplingBilinear2d(const UpsamplingOptions& options)
      : Upsample({.size = options.size,
                  .scale_factor = options.scale_factor,
                  .mode = "bilinear",
                  .align_corners = true}) {
    constructed_from<UpsamplingBilinear2d>(options);
  }
};

}  // namespace cuttle
