// Layers that compute nothing: the same elements in another shape or order.
#pragma once

#include "module.h"

namespace cuttle {

/// torch.nn.Identity: what it is given.
class Identity : public Module {
 public:
  Tensor forward(const Tensor& input) override { return input; }
};

/// torch.nn.Flatten: joins dimensions start_dim to end_dim, both included; the default keeps the
/// batch: (N, C, H, W) becomes (N, C · H · W).
class Flatten : public Module {
 public:
  explicit Flatten(int64_t start_dim = 1, int64_t end_dim = -1);

  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;

 private:
  int64_t start_dim_, end_dim_;
};

/// torch.nn.Unflatten: dimension `dim` becomes several of these sizes, of which one may be -1:
/// Unflatten(1, {2, 5}).
class Unflatten : public Module {
 public:
  Unflatten(int64_t dim, const Shape& unflattened_size);

  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;

 private:
  int64_t dim_;
  Shape sizes_;
};

/// torch.nn.PixelShuffle: (…, C · r², H, W) becomes (…, C, H · r, W · r): the channels of a group
/// of r² are the pixels of a square (Shi et al. 2016). A copy.
class PixelShuffle : public Module {
 public:
  /// Throws Error for a factor below 1.
  explicit PixelShuffle(int64_t upscale_factor);

  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;

 private:
  int64_t factor_;
};

/// torch.nn.PixelUnshuffle: the opposite, (…, C, H · r, W · r) becomes (…, C · r², H, W).
class PixelUnshuffle : public Module {
 public:
  explicit PixelUnshuffle(int64_t downscale_factor);

  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;

 private:
  int64_t factor_;
};

/// The functions of the two. Throw Error where the channels, or height and width, are no multiple
/// of the factor's square, or of it, and for fewer than three dimensions.
Tensor pixel_shuffle(const Tensor& x, int64_t upscale_factor);
Tensor pixel_unshuffle(const Tensor& x, int64_t downscale_factor);

}  // namespace cuttle
