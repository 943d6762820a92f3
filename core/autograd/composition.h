// The second form of backwards that call kernels: the operation composed of recorded ones, and its
// gradients. For core/ops.
#pragma once

#include <functional>
#include <vector>

#include "node.h"

namespace cuttle {

/// The results of an operation, of its inputs, by recorded operations.
using Composition = std::function<std::vector<Tensor>(const std::vector<Tensor>& inputs)>;

/// What the backward of an operation gives that computes what `composition` does: the gradients of
/// the needed inputs, recorded, from those of the results (undefined: none). An input may be
/// undefined, and may depend on another one.
std::vector<Tensor> gradients_of_composition(const Composition& composition,
                                             const std::vector<Tensor>& inputs,
                                             const std::vector<Tensor>& gradients,
                                             const NeededInputs& needed);

}  // namespace cuttle
