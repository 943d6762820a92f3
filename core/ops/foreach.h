// Operations on lists of tensors in one pass.
#pragma once

#include <vector>

#include "../tensor.h"

namespace cuttle {

/// torch._foreach_lerp_: each of `starts`, in place, becomes start + weight · (end − start), with
/// lerp_'s bits. `weight` is one number like them. Tensors of float32 or float64 that are dense and
/// laid out as their ends are share a kernel, as long as nothing is recorded; the others take one
/// each. No two of `starts` may share memory. Throws Error for lists of different lengths, and as
/// lerp_ does.
void foreach_lerp_(const std::vector<Tensor>& starts, const std::vector<Tensor>& ends,
                   const Tensor& weight);

}  // namespace cuttle
