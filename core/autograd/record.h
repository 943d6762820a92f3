// How an operation puts itself on the tape: the last line of every differentiable operation.
#pragma once

#include <string_view>
#include <vector>

#include "node.h"
#include "saved_tensor.h"

namespace cuttle {

/// The node that a gradient of this tensor goes to: the operation that made it or, for a leaf, the
/// one that accumulates its grad. nullptr where it requires no gradient.
std::shared_ptr<Node> gradient_node(const Tensor& tensor);

/// True if an operation on these inputs would be recorded now: grad mode is on and one of them
/// requires a gradient.
bool needs_recording(const std::vector<Tensor>& inputs);

/// Whether a backward keeps tensors in SavedTensors, as most do. One that does not (an addition, a
/// view) can be replayed again after a backward() that frees the graph.
enum class Saves { tensors, nothing };

/// Records `backward` as the derivative of `output` with respect to `inputs` where
/// needs_recording(inputs), and returns `output`. The backward is made of recorded operations, so
/// it can be differentiated again. `op` must outlive the program (a literal).
Tensor record(std::string_view op, Tensor output, const std::vector<Tensor>& inputs,
              BackwardFunction backward, Saves saves = Saves::tensors);

/// The same for a backward that calls kernels directly: differentiating it again is an Error.
Tensor record_once(std::string_view op, Tensor output, const std::vector<Tensor>& inputs,
                   BackwardFunction backward);

/// Records an operation that overwrote `self` in place: counts the write and gives `self` a new
/// place on the tape. Throws Error where that would lose gradients: a leaf that requires a
/// gradient, or a view. Call check_in_place before writing.
void check_in_place(std::string_view op, const Tensor& self, const std::vector<Tensor>& inputs);
void record_in_place(std::string_view op, Tensor& self, const std::vector<Tensor>& inputs,
                     BackwardFunction backward, Saves saves = Saves::tensors);

/// Sums a gradient back to `shape`, which was broadcast to the gradient's shape.
Tensor sum_to(const Tensor& gradient, const Shape& shape);

}  // namespace cuttle
