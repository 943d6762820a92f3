// How an operation puts itself on the tape: the last line of every differentiable operation.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "node.h"
#include "saved_tensor.h"

namespace cuttle {

/// The node that a gradient of this tensor goes to: the operation that made it or, for a leaf, the
/// one that accumulates its grad. nullptr where it requires no gradient.
std::shared_ptr<Node> gradient_node(const Tensor& tensor);

/// An operation's inputs, where they are passed on: {a, b}, or a vector.
class InputList : public std::span<const Tensor> {
 public:
  InputList(std::initializer_list<Tensor> inputs) : span(inputs.begin(), inputs.size()) {}
  InputList(const std::vector<Tensor>& inputs) : span(inputs) {}  // NOLINT: a vector is a list
  explicit InputList(std::span<const Tensor> inputs) : span(inputs) {}
};

/// True if an operation on these inputs would be recorded now: grad mode is on and one of them
/// requires a gradient.
bool needs_recording(const InputList& inputs);

/// Whether a backward keeps tensors in SavedTensors, as most do. One that does not (an addition, a
/// view) can be replayed again after a backward() that frees the graph.
enum class Saves { tensors, nothing };

/// Gives views whose memory was changed in place by a recorded operation since they were taken a
/// new place on the tape. Throws Error where that cannot be: the view was taken under NoGradGuard.
void check_not_stale(std::string_view op, const InputList& inputs);
/// The same, and tells a profiler that the operation is done.
void check_and_profile(std::string_view op, const Tensor& output, const InputList& inputs);
/// Where the inputs' gradients go; nowhere for undefined ones.
Node::Edges edges_of(const InputList& inputs);
/// Makes `output` the result of a node of these inputs.
void put_on_tape(std::string_view op, Tensor& output, const InputList& inputs,
                 BackwardFunction backward, Saves saves);

/// Records `backward` as the derivative of `output` with respect to `inputs` where
/// needs_recording(inputs), and returns `output`. The backward is made of recorded operations, so
/// it can be differentiated again. `op` must outlive the program (a literal). A template, so that
/// nothing is made of a `backward` that is not kept: views within a backward are many.
template <class Backward>
Tensor record(std::string_view op, Tensor output, const InputList& inputs, Backward&& backward,
              Saves saves = Saves::tensors) {
  check_and_profile(op, output, inputs);
  if (needs_recording(inputs))
    put_on_tape(op, output, inputs, std::forward<Backward>(backward), saves);
  return output;
}

/// The same for a backward that calls kernels directly: differentiating it again is an Error.
Tensor record_once(std::string_view op, Tensor output, const InputList& inputs,
                   BackwardFunction backward);

/// Records an operation that overwrote `self` in place: counts the write and gives `self`, or,
/// where it is a view, the tensor whose memory it shows, a new place on the tape. `self` is among
/// the inputs where the result depends on what it held. Where nothing requires a gradient the
/// history of what was overwritten is forgotten. Call check_in_place, which throws Error where
/// gradients would be lost, before writing: a leaf that requires a gradient or a view of one, or a
/// view that was taken under NoGradGuard.
void check_in_place(std::string_view op, const Tensor& self, const InputList& inputs);
void record_in_place(std::string_view op, Tensor& self, const InputList& inputs,
                     BackwardFunction backward, Saves saves = Saves::tensors);

/// Sums a gradient back to `shape`, which was broadcast to the gradient's shape.
Tensor sum_to(const Tensor& gradient, const Shape& shape);

}  // namespace cuttle
