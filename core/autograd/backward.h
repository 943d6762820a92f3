// Replaying the tape.
#pragma once

#include <vector>

#include "../tensor.h"

namespace cuttle {

class Node;

struct BackwardOptions {
  bool retain_graph = false;  // keep the graph for another replay
  bool create_graph = false;  // record the gradients, too; keeps the graph, which they need
};

/// Tensor::backward. Throws Error if `root` needs no gradient, or has several elements and no
/// `gradient` is given. With create_graph it warns (core/warning.h): a leaf then holds its
/// gradient, which holds the graph, which holds the leaf, and none of them is freed until
/// set_grad({}).
void backward(const Tensor& root, const Tensor& gradient, const BackwardOptions& options);

/// The gradients of `output` with respect to `inputs`, without touching any grad:
/// torch.autograd.grad. `gradient` as in backward. An input that `output` does not depend on gets
/// an undefined tensor.
std::vector<Tensor> grad(const Tensor& output, const std::vector<Tensor>& inputs,
                         const Tensor& gradient = {}, const BackwardOptions& options = {});

/// For a replay within a backward: what arrives at each of `nodes`, through which the replay does
/// not go, when the outputs' gradients (undefined: none) are replayed. Their hooks are not called.
std::vector<Tensor> gradients_at(const std::vector<std::shared_ptr<Node>>& nodes,
                                 const std::vector<Tensor>& outputs,
                                 const std::vector<Tensor>& gradients, bool create_graph);

}  // namespace cuttle
