// A checkpoint is one node. Its forward records without saving anything, to learn which nodes
// outside of the function the results depend on, parameters for example; these are the node's
// inputs, and the records are dropped. Its backward records again, saves, and replays from the
// results to these nodes.
#include "checkpoint.h"

#include <unordered_set>

#include "../autocast.h"
#include "../tensor_impl.h"
#include "backward.h"
#include "grad_mode.h"
#include "joint.h"
#include "random_state.h"
#include "saved_tensor_hooks.h"

namespace cuttle {
namespace {

using NodePtr = std::shared_ptr<Node>;

// Of a tensor whose node was recorded after `before`.
bool is_within(const Tensor& tensor, uint64_t before) {
  return tensor.defined() && tensor.impl().node && tensor.impl().node->sequence() > before;
}

// The ways from the results that lead to nodes older than `before`, and to leaves.
Node::Edges edges_out_of(const std::vector<Tensor>& results, uint64_t before) {
  Node::Edges edges;
  std::unordered_set<const Node*> seen;
  std::vector<NodePtr> within;
  const auto follow = [&](const Node::Edge& edge) {
    if (!edge.node || !seen.insert(edge.node.get()).second) return;
    if (edge.node->is_leaf() || edge.node->sequence() <= before)
      edges.push_back(edge);
    else
      within.push_back(edge.node);
  };
  for (const Tensor& result : results)
    if (is_within(result, before)) follow({result.impl().node, result.shape(), result.dtype()});
  while (!within.empty()) {
    const NodePtr node = std::move(within.back());
    within.pop_back();
    for (const Node::Edge& edge : node->inputs()) follow(edge);
  }
  return edges;
}

// What the backward needs to compute the function again.
struct Replayable {
  TensorsFunction function;
  std::vector<SavedTensor> inputs;
  std::optional<RandomState> random;
  Autocast::State autocast;

  std::vector<Tensor> run() const {
    std::vector<Tensor> again;
    for (const SavedTensor& input : inputs) again.push_back(input.get());
    const EnableGradGuard enable_grad;
    const Autocast as_before(autocast);
    if (!random) return function(again);
    const RandomStateScope scope(*random);
    return function(again);
  }
};

struct Outline {
  Shape shape;
  DType dtype = DType::float32;
  bool within = false;  // a result of the function's own operations
};

void check_same(const std::vector<Tensor>& again, const std::vector<Outline>& first) {
  if (again.size() != first.size())
    fail("checkpoint: the function gave ", first.size(), " tensors in the forward and ",
         again.size(), " when it was called again for the backward; it must compute the same");
  for (size_t i = 0; i < first.size(); ++i)
    if (first[i].within && (!again[i].defined() || again[i].shape() != first[i].shape ||
                            again[i].dtype() != first[i].dtype || !again[i].requires_grad()))
      fail("checkpoint: the function gave a tensor of shape ", first[i].shape, " (", first[i].dtype,
           ") in the forward and ",
           again[i].defined() ? "one of shape " + again[i].shape().str() : "none",
           again[i].defined() ? again[i].requires_grad() ? "" : " without a gradient" : "",
           " when it was called again for the backward; it must compute the same");
}

}  // namespace

std::vector<Tensor> checkpoint_list(const TensorsFunction& function,
                                    const std::vector<Tensor>& inputs,
                                    const CheckpointOptions& options) {
  if (!is_grad_enabled()) return function(inputs);
  Replayable replayable{function, {}, {}, Autocast::current()};
  if (options.preserve_rng_state) replayable.random = RandomState::capture();
  const uint64_t before = newest_sequence();
  std::vector<Tensor> results;
  {
    const SavedTensorHooks save_nothing([](const Tensor&) { return std::any(); },
                                        [](const std::any&) -> Tensor {
                                          fail(
                                              "checkpoint: the function differentiated, within "
                                              "itself, what it computes; nothing is "
                                              "kept for that");
                                        });
    results = function(inputs);
  }
  Node::Edges edges = edges_out_of(results, before);
  if (edges.empty()) return results;

  std::vector<Outline> outlines;
  for (Tensor& result : results) {
    const bool within = is_within(result, before);
    outlines.push_back({result.defined() ? result.shape() : Shape(),
                        result.defined() ? result.dtype() : DType::float32, within});
    if (within) result = result.detach();
  }
  for (const Tensor& input : inputs) replayable.inputs.push_back(save(input));
  settle_saved_tensors("checkpoint");
  std::vector<NodePtr> ends;
  for (const Node::Edge& edge : edges) ends.push_back(edge.node);
  const auto joint = std::make_shared<JointNode>(
      "checkpoint", std::move(edges), static_cast<int>(results.size()),
      [replayable, ends, outlines](const std::vector<Tensor>& gradients, const NeededInputs&) {
        const std::vector<Tensor> again = replayable.run();
        check_same(again, outlines);
        return gradients_at(ends, again, gradients, /*create_graph=*/is_grad_enabled());
      });
  for (size_t i = 0; i < results.size(); ++i) {
    if (!outlines[i].within) continue;
    TensorImpl& impl = results[i].impl();
    impl.node = result_node(joint, static_cast<int>(i), impl.shape, impl.dtype);
    impl.requires_grad = true;
  }
  return results;
}

}  // namespace cuttle
