// What transforms take, seen as a batch. Internal to data/transforms.
#pragma once

#include <string_view>

#include "../../core/ops/images/images.h"
#include "../../core/tensor.h"

namespace cuttle {

/// An image as a batch of one: uint8 (H, W, C) on the CPU or float32 (C, H, W); or a batch
/// (N, C, H, W) of one of these dtypes.
class ImageBatch {
 public:
  /// Throws Error for anything else, naming the transform; and for what requires a gradient.
  ImageBatch(std::string_view transform, const Tensor& image);

  const Tensor& images() const { return images_; }  // (N, C, H, W)
  int64_t height() const { return images_.size(2); }
  int64_t width() const { return images_.size(3); }
  /// A result (N, C, …, …) in the form that came.
  Tensor back(const Tensor& result) const;
  /// What the transform draws: a single image by its example's stream
  /// (data/loading/sample_random.h), a batch by the scope it is in
  /// (data/transforms/batch_random.h), else by its device's default generator.
  ImageRandom random() const;

 private:
  bool is_single_, is_bytes_;
  Tensor images_;
};

}  // namespace cuttle
