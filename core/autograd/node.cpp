#include "node.h"

#include <atomic>
#include <mutex>

#include "../tensor_impl.h"
#include "leaf.h"
#include "locks.h"

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
  std::shared_ptr<const BackwardFunction> backward;
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

}  // namespace

Node::Node(std::string_view op, Edges inputs, BackwardFunction backward)
    : op_(op),
      sequence_(backward ? next_sequence() : 0),
      inputs_(std::move(inputs)),
      backward_(backward ? std::make_shared<const BackwardFunction>(std::move(backward))
                         : nullptr) {}

Node::~Node() {
  destroy_in_a_loop({std::move(inputs_), std::move(backward_)});
}

std::vector<Tensor> Node::apply(const Tensor& gradient) {
  const std::shared_ptr<const BackwardFunction> backward = [&] {
    const std::lock_guard lock(pointer_lock(this));
    return backward_;
  }();
  if (!backward)
    fail("backward: the graph behind '", op_,
         "' was freed by an earlier backward(); pass retain_graph = true to the first one, or run "
         "the forward again");
  NeededInputs needed;
  for (const Edge& edge : inputs_) needed.push_back(edge.node != nullptr);
  return (*backward)(gradient, needed);
}

void Node::release() {
  if (saves_nothing_) return;
  std::shared_ptr<const BackwardFunction> freed;  // outlives the lock
  const std::lock_guard lock(pointer_lock(this));
  freed.swap(backward_);
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
  accumulate_gradient(*leaf_, gradient);
  return {};
}

}  // namespace cuttle
