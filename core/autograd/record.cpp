#include "record.h"

#include <algorithm>

#include "../ops/arithmetic.h"
#include "../ops/strided_region.h"
#include "../profiler/hooks.h"
#include "../tensor_impl.h"
#include "grad_mode.h"
#include "leaf.h"
#include "view_history.h"

namespace cuttle {
namespace {

std::shared_ptr<Node> make_node(std::string_view op, const InputList& inputs,
                                BackwardFunction backward, Saves saves) {
  settle_saved_tensors(op);
  auto node = std::make_shared<Node>(op, edges_of(inputs), std::move(backward));
  if (saves == Saves::nothing) node->set_saves_nothing();
  return node;
}

}  // namespace

std::shared_ptr<Node> gradient_node(const Tensor& tensor) {
  TensorImpl& impl = tensor.impl();
  refresh_view(impl);
  if (!impl.requires_grad) return nullptr;
  if (impl.node) return impl.node;
  return accumulator_of(impl);
}

Node::Edges edges_of(const InputList& inputs) {
  Node::Edges edges;
  edges.reserve(inputs.size());
  for (const Tensor& input : inputs) {
    Node::Edge edge;
    if (input.defined()) edge = {gradient_node(input), input.shape(), input.dtype()};
    edges.push_back(std::move(edge));
  }
  return edges;
}

bool needs_recording(const InputList& inputs) {
  return is_grad_enabled() && std::any_of(inputs.begin(), inputs.end(), [](const Tensor& input) {
           return input.defined() && input.requires_grad();
         });
}

void check_not_stale(std::string_view op, const InputList& inputs) {
  if (!is_grad_enabled()) return;
  for (const Tensor& input : inputs) {
    if (!input.defined()) continue;
    TensorImpl& impl = input.impl();
    refresh_view(impl);
    if (impl.untracked_view && impl.view_graph_version != impl.storage->graph_version())
      fail(op, ": a view of shape ", impl.shape,
           ", taken under NoGradGuard, shows memory that was since changed in place by a recorded "
           "operation; take the view again after the change");
  }
}

void check_and_profile(std::string_view op, const Tensor& output, const InputList& inputs) {
  check_not_stale(op, inputs);
  if (profiler::is_listening()) profiler::end_operation(op, {&output, 1}, inputs);
}

void put_on_tape(std::string_view op, Tensor& output, const InputList& inputs,
                 BackwardFunction backward, Saves saves) {
  output.impl().node = make_node(op, inputs, std::move(backward), saves);
  output.impl().requires_grad = true;
}

Tensor record_once(std::string_view op, Tensor output, const InputList& inputs,
                   BackwardFunction backward) {
  output = record(op, std::move(output), inputs, std::move(backward));
  if (needs_recording(inputs)) output.impl().node->set_once_differentiable();
  return output;
}

void check_in_place(std::string_view op, const Tensor& self, const InputList& inputs) {
  const TensorImpl& impl = self.impl();
  if (may_overlap(region_of(self)))
    fail(op, ": several elements of this expanded tensor of shape ", impl.shape,
         " share memory and cannot be written one by one; clone() it first");
  if (impl.storage->is_inference() && !is_inference_mode_enabled())
    fail(op, ": an inference tensor (shape ", impl.shape,
         ") cannot be changed in place outside of InferenceMode; clone() it first");
  check_not_stale(op, inputs);
  check_not_stale(op, {self});
  check_write_to_view(op, self, needs_recording(inputs));
  if (!needs_recording(inputs) && !needs_recording({self})) return;
  if (impl.requires_grad && !impl.node)
    fail(op, ": a leaf that requires a gradient (shape ", impl.shape,
         ") cannot be changed in place while recording; do it under NoGradGuard, or use the "
         "out-of-place form");
}

void record_in_place(std::string_view op, Tensor& self, const InputList& inputs,
                     BackwardFunction backward, Saves saves) {
  TensorImpl& impl = self.impl();
  if (needs_recording(inputs) || needs_recording({self})) {
    if (shows_others_memory(impl)) {
      rebase_history(op, self, inputs, std::move(backward), saves);
    } else {
      impl.base.reset();
      impl.untracked_view = false;
      impl.node =
          needs_recording(inputs) ? make_node(op, inputs, std::move(backward), saves) : nullptr;
      impl.requires_grad = impl.node != nullptr;
      if (impl.node && impl.retains_grad) impl.node->make_hooks().retain_for(impl);
    }
    impl.storage->bump_graph_version();
  }
  impl.storage->bump_version();
  if (profiler::is_listening()) profiler::end_operation(op, {&self, 1}, inputs);
}

Tensor sum_to(const Tensor& gradient, const Shape& shape) {
  if (gradient.shape() == shape) return gradient;
  const int extra = gradient.dim() - shape.size();
  std::vector<int64_t> dims;
  for (int d = 0; d < gradient.dim(); ++d)
    if (d < extra || (shape[d - extra] == 1 && gradient.shape()[d] != 1)) dims.push_back(d);
  return gradient.sum(dims, /*keepdim=*/true).reshape(shape);
}

}  // namespace cuttle
