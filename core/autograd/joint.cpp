#include "joint.h"

#include <mutex>

#include "../tensor_impl.h"
#include "locks.h"

namespace cuttle {

JointNode::JointNode(std::string_view op, Edges inputs, int outputs, JointBackward backward)
    : Node(op, std::move(inputs), next_sequence()),
      outputs_(outputs),
      backward_(std::make_shared<const JointBackward>(std::move(backward))) {}

JointNode::~JointNode() {
  let_go(std::move(backward_));
}

std::vector<Tensor> JointNode::apply(const Tensor& gradient) {
  std::vector<Tensor> gradients(static_cast<size_t>(outputs_));
  gradients.front() = gradient;
  return apply_jointly(gradients);
}

std::vector<Tensor> JointNode::apply_jointly(const std::vector<Tensor>& gradients) {
  const std::shared_ptr<const JointBackward> backward = [&] {
    const std::lock_guard lock(pointer_lock(this));
    return backward_;
  }();
  if (!backward) refuse_freed();
  return (*backward)(gradients, needed_inputs());
}

void JointNode::release() {
  if (saves_nothing()) return;
  std::shared_ptr<const JointBackward> freed;  // outlives the lock
  const std::lock_guard lock(pointer_lock(this));
  freed.swap(backward_);
}

std::shared_ptr<Node> result_node(const std::shared_ptr<JointNode>& joint, int output,
                                  const Shape& shape, DType dtype) {
  auto node =
      std::make_shared<Node>(joint->op(), Node::Edges{{joint, shape, dtype, output}},
                             [](const Tensor& gradient,
                                const NeededInputs&) -> std::vector<Tensor> { return {gradient}; });
  node->set_saves_nothing();
  return node;
}

std::shared_ptr<JointNode> record_joint(std::string_view op, std::span<Tensor> outputs,
                                        const InputList& inputs, JointBackward backward,
                                        Saves saves) {
  check_not_stale(op, inputs);
  if (profiler::is_listening()) profiler::end_operation(op, outputs, inputs);
  if (!needs_recording(inputs)) return nullptr;
  settle_saved_tensors(op);
  const auto joint = std::make_shared<JointNode>(
      op, edges_of(inputs), static_cast<int>(outputs.size()), std::move(backward));
  if (saves == Saves::nothing) joint->set_saves_nothing();
  for (size_t i = 0; i < outputs.size(); ++i) {
    Tensor& output = outputs[i];
    if (!output.defined() || !is_floating_point(output.dtype())) continue;
    output.impl().node = result_node(joint, static_cast<int>(i), output.shape(), output.dtype());
    output.impl().requires_grad = true;
  }
  return joint;
}

}  // namespace cuttle
