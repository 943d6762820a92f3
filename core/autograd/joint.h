// Operations with several results: one node for the operation, and one for each result, which hands
// the result's gradient to it.
#pragma once

#include <span>

#include "record.h"

namespace cuttle {

/// Computes the gradients of the inputs from those of all results, in the order of both lists. A
/// gradient is undefined where none arrived.
using JointBackward = std::function<std::vector<Tensor>(const std::vector<Tensor>& gradients,
                                                        const NeededInputs& needed)>;

/// The node of an operation with several results. Its backward runs when all nodes behind its
/// results have run, if a gradient arrived at one of them.
class JointNode final : public Node {
 public:
  JointNode(std::string_view op, Edges inputs, int outputs, JointBackward backward);
  ~JointNode() override;

  int outputs() const noexcept override { return outputs_; }
  std::vector<Tensor> apply(const Tensor& gradient) override;
  std::vector<Tensor> apply_jointly(const std::vector<Tensor>& gradients) override;
  void release() override;

 private:
  int outputs_;
  std::shared_ptr<const JointBackward> backward_;  // held by those who run it
};

/// The number that the newest node of all threads got.
uint64_t newest_sequence();

/// The node of one of its results.
std::shared_ptr<Node> result_node(const std::shared_ptr<JointNode>& joint, int output,
                                  const Shape& shape, DType dtype);

/// record() for several results: those that are floating-point become results of one node. Returns
/// that node; nullptr where nothing is recorded.
std::shared_ptr<JointNode> record_joint(std::string_view op, std::span<Tensor> outputs,
                                        const InputList& inputs, JointBackward backward,
                                        Saves saves = Saves::tensors);

}  // namespace cuttle
