// Bounds on gradients, between backward() and step(): torch.nn.utils.clip_grad_norm_ and its kin.
#pragma once

#include <utility>
#include <vector>

#include "../core/tensor.h"

namespace cuttle {

/// torch.nn.utils.get_total_norm: (Σ |x|^p)^(1/p) over all elements of all tensors, the largest |x|
/// for p = ∞. A number of the tensors' dtype (float32 for those of 16 bits) on the first one's
/// device; 0 for none. One launch a device and dtype; waits for nothing. Throws Error for p ≤ 0 and
/// tensors that are not floating-point.
Tensor get_total_norm(const std::vector<Tensor>& tensors, double norm_type = 2);

/// A norm that one may leave unread.
struct TotalNorm : Tensor {
  TotalNorm(Tensor norm) : Tensor(std::move(norm)) {}  // NOLINT: it is that tensor
};

struct ClipGradNormOptions {
  double norm_type = 2;
  /// Throw Error where the norm is infinite or NaN; that waits for the device.
  bool error_if_nonfinite = false;
};

/// Scales the gradients of all parameters by min(1, max_norm / (norm + 1e-6)), in place, where norm
/// is that of all of them as one vector, which is returned. Parameters without gradients are left
/// out. One launch for the norm, one to scale; waits for nothing. Throws Error for a negative
/// max_norm.
TotalNorm clip_grad_norm_(const std::vector<Tensor>& parameters, double max_norm,
                          const ClipGradNormOptions& options = {});

/// Cuts every element of every gradient off at ±clip_value, in place. Throws Error if it is
/// negative.
void clip_grad_value_(const std::vector<Tensor>& parameters, double clip_value);

}  // namespace cuttle
