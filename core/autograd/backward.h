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

/// torch.autograd.backward: replays the tapes of several roots as one, so what they share is walked
/// once. `gradients` has one tensor a root, or none where each root has one element; an undefined
/// one stands for 1.
void backward(const std::vector<Tensor>& roots, const std::vector<Tensor>& gradients = {},
              const BackwardOptions& options = {});

struct GradOptions {
  bool retain_graph = false;  // keep the graph for another replay
  bool create_graph = false;  // record the gradients, too; keeps the graph, which they need
  bool allow_unused = false;  // an undefined tensor, no Error, for what no output depends on
};

/// torch.autograd.grad: the gradients of `output`, or of the sum of several, with respect to
/// `inputs`, leaves or not, without touching any grad. `gradient` and `gradients` as in backward.
/// Throws Error if an input requires no gradient, or if no output depends on it.
std::vector<Tensor> grad(const Tensor& output, const std::vector<Tensor>& inputs,
                         const Tensor& gradient = {}, const GradOptions& options = {});
std::vector<Tensor> grad(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                         const std::vector<Tensor>& gradients = {},
                         const GradOptions& options = {});

/// For a replay within a backward: what arrives at each of `nodes`, through which the replay does
/// not go, when the outputs' gradients (undefined: none) are replayed. Their hooks are not called.
std::vector<Tensor> gradients_at(const std::vector<std::shared_ptr<Node>>& nodes,
                                 const std::vector<Tensor>& outputs,
                                 const std::vector<Tensor>& gradients, bool create_graph);

}  // namespace cuttle
