// The tape behind a tensor, to look at.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "../tensor.h"

namespace cuttle {

/// Names for tensors in a drawing: what Module::named_parameters() gives, and others.
using GraphNames = std::vector<std::pair<std::string, Tensor>>;

/// The operations that `root` was computed by, a line each, the last one first: its number, name
/// and result's shape, and what it takes its inputs from: other lines, leaves, constants by their
/// shape. A node that several need stands there once. Leaves follow, named by `names` or by number.
///
///     3  sum  []            <- 2
///     2  mul  [64, 10]      <- 1, scale
///     1  linear  [64, 10]   <- [64, 32], fc.weight, fc.bias
///        fc.weight  [10, 32] float32
///        …
///
/// Throws Error where `root` requires no gradient.
std::string graph_text(const Tensor& root, const GraphNames& names = {});

/// The same as Graphviz' language; `dot -Tpng graph.dot -o graph.png` draws it, data flowing down:
/// leaves in colour, constants dashed, the root marked.
std::string graph_dot(const Tensor& root, const GraphNames& names = {});

}  // namespace cuttle
