// Tensors as a data set, one example a row.
#pragma once

#include <vector>

#include "dataset.h"

namespace cuttle {

/// torch.utils.data.TensorDataset: example i is row i of each tensor: TensorDataset({x, y}) gives
/// {x[i], y[i]}. The first is the image, the second the target (a number where it is an int64
/// tensor of one dimension), further ones are `more`; a tensor alone has the target 0. On the CPU;
/// the tensors are held, not copied, and without their history. Safe to call from several threads.
class TensorDataset : public Dataset {
 public:
  /// Throws Error unless there is a tensor, and each has a first dimension, all of one size, and
  /// lies on the CPU.
  explicit TensorDataset(std::vector<Tensor> tensors);

  Example get(size_t index) const override;
  size_t size() const override { return static_cast<size_t>(tensors_[0].size(0)); }
  /// The rows in one copy a tensor.
  std::optional<Batch> get_batch(std::span<const int64_t> indices) const override;

  const std::vector<Tensor>& tensors() const noexcept { return tensors_; }

 private:
  std::vector<Tensor> tensors_;
};

}  // namespace cuttle
