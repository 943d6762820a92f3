#include "node.h"

#include <atomic>

#include "../ops/arithmetic.h"
#include "../tensor_impl.h"
#include "grad_mode.h"

namespace cuttle {
namespace {

uint64_t next_sequence() {
  static std::atomic<uint64_t> sequence{1};  // leaves have 0: they come last in a replay
  return sequence++;
}

// What a node holds: the nodes of its inputs, and tensors saved for the backward, whose nodes are
// often the same.
struct Holdings {
  Node::Edges edges;
  BackwardFunction backward;
};

// A long chain of nodes would destroy itself recursively, one stack frame a node, and overflow the
// stack: what destroyed nodes held queues here, and the outermost destructor empties it.
void destroy_in_a_loop(Holdings holdings) {
  if (holdings.edges.empty() && !holdings.backward) return;
  thread_local std::vector<Holdings>* queue = nullptr;
  if (queue != nullptr) {
    queue->push_back(std::move(holdings));
    return;
  }
  std::vector<Holdings> pending;
  pending.push_back(std::move(holdings));
  queue = &pending;
  while (!pending.empty()) {
    const Holdings last = std::move(pending.back());
    pending.pop_back();
  }
  queue = nullptr;
}

thread_local std::shared_ptr<Node> current_node;

// A gradient nobody else holds, like the leaf (which may have moved since the forward) and without
// memory to spare, may become its grad as it is.
bool can_take_over(const Tensor& gradient, const TensorImpl& leaf) {
  const TensorImpl& impl = gradient.impl();
  return impl.weak_from_this().use_count() == 1 && impl.storage.use_count() == 1 &&
         impl.dtype == leaf.dtype && impl.storage->device() == leaf.storage->device() &&
         impl.storage->bytes() == bytes_of(leaf.shape, leaf.dtype) &&
         impl.strides == leaf.strides && is_dense_in_some_order(impl.shape, impl.strides);
}

Tensor copy_laid_out_as(const TensorImpl& leaf, const Tensor& gradient) {
  const bool dense = is_dense_in_some_order(leaf.shape, leaf.strides);
  const Strides strides = dense ? leaf.strides : dense_strides(leaf.shape);
  Tensor copy = empty_strided(leaf.shape, strides, leaf.dtype, leaf.storage->device());
  copy.copy_(gradient);
  return copy;
}

}  // namespace

Node::Node(std::string_view op, Edges inputs, BackwardFunction backward)
    : op_(op),
      sequence_(backward ? next_sequence() : 0),
      inputs_(std::move(inputs)),
      backward_(std::move(backward)) {}

Node::~Node() {
  destroy_in_a_loop({std::move(inputs_), std::move(backward_)});
}

std::vector<Tensor> Node::apply(const Tensor& gradient) {
  if (!backward_)
    fail("backward: the graph behind '", op_,
         "' was freed by an earlier backward(); pass retain_graph = true to the first one, or run "
         "the forward again");
  NeededInputs needed;
  for (const Edge& edge : inputs_) needed.push_back(edge.node != nullptr);
  return backward_(gradient, needed);
}

void Node::release() {
  if (saves_nothing_) return;
  backward_ = nullptr;
}

std::shared_ptr<Node> replayed_node() {
  return current_node;
}

ReplayScope::ReplayScope(std::shared_ptr<Node> node) : previous_(std::move(current_node)) {
  current_node = std::move(node);
}
ReplayScope::~ReplayScope() {
  current_node = std::move(previous_);
}

AccumulateGrad::AccumulateGrad(std::shared_ptr<TensorImpl> leaf)
    : Node("accumulate_grad", {}, nullptr), leaf_(std::move(leaf)) {}

std::vector<Tensor> AccumulateGrad::apply(const Tensor& gradient) {
  TensorImpl& leaf = *leaf_;
  if (is_grad_enabled()) {  // create_graph: the gradient keeps its history
    const Tensor old(leaf.grad);
    leaf.grad = (leaf.grad ? old + gradient : gradient.clone()).impl().shared_from_this();
  } else if (leaf.grad) {
    Tensor(leaf.grad).add_(gradient);
  } else if (can_take_over(gradient, leaf)) {
    leaf.grad = gradient.impl().shared_from_this();
  } else {
    leaf.grad = copy_laid_out_as(leaf, gradient).impl().shared_from_this();
  }
  return {};
}

}  // namespace cuttle
