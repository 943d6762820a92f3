// Gradients sorted by device and dtype, for passes over all of them in one launch. For optim alone.
#pragma once

#include <vector>

#include "../core/tensor.h"

namespace cuttle {

/// Dense tensors of one device and one dtype, float32 or float64.
struct GradientArrays {
  std::vector<Tensor> gradients;  // as they are
  std::vector<Tensor>
      dense;  // each of them, or a dense float32 copy of one with gaps or of 16 bits
  Device device() const { return dense.front().device(); }
  DType dtype() const { return dense.front().dtype(); }

  /// Norm of all elements: a number on their device.
  Tensor norm(double p) const;
  /// Every element times `factor`, a number like them; `found` (float32) becomes 1 if one is not
  /// finite. In place.
  void scale(const Tensor& factor, const Tensor& found = {}) const;
};

/// In the order in which their first gradient comes; undefined tensors are left out.
std::vector<GradientArrays> sorted_gradients(const std::vector<Tensor>& gradients);

}  // namespace cuttle
