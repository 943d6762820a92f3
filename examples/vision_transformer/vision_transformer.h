// A small vision transformer (Dosovitskiy et al., 2021): a picture is cut into patches, which
// attend to each other, and a token of its own collects what they say.
#pragma once

#include <cuttle/cuttle.h>

class VisionTransformer : public cuttle::Module {
 public:
  // x (N, 3, 32, 32), gives logits (N, 10)
  cuttle::Tensor forward(const cuttle::Tensor& x) override {
    const cuttle::Tensor patches = to_patches(x).flatten(2).transpose(1, 2);  // (N, 64, width)
    const cuttle::Tensor all =
        cuttle::cat({token.expand({x.size(0), 1, kWidth}), patches}, 1) + places;
    return head(norm(encoder(all).select(1, 0)));
  }

 private:
  static constexpr int64_t kWidth = 64, kPatch = 4, kPlaces = 1 + (32 / kPatch) * (32 / kPatch);

  cuttle::Conv2d& to_patches =
      register_module("to_patches", cuttle::Conv2d(3, kWidth, kPatch, {.stride = kPatch}));
  cuttle::Parameter& token = register_parameter("token", cuttle::zeros({1, 1, kWidth}));
  cuttle::Parameter& places =
      register_parameter("places", 0.02 * cuttle::randn({1, kPlaces, kWidth}));
  cuttle::TransformerEncoder& encoder = register_module(
      "encoder",
      cuttle::TransformerEncoder(cuttle::TransformerEncoderLayer(kWidth, 4,
                                                                 {.dim_feedforward = 2 * kWidth,
                                                                  .dropout = 0,
                                                                  .activation = "gelu",
                                                                  .batch_first = true,
                                                                  .norm_first = true}),
                                 3));
  cuttle::LayerNorm& norm = register_module("norm", cuttle::LayerNorm(kWidth));
  cuttle::Linear& head = register_module("head", cuttle::Linear(kWidth, 10));
};
