#include "node.h"

#include <atomic>
#include <mutex>

#include "../tensor_impl.h"
#include "anomaly.h"
#include "joint.h"
#include "leaf.h"
#include "locks.h"

namespace cuttle {
namespace {

// What a node holds: the nodes of its inputs, and tensors saved for the backward, whose nodes are
// often the same.
struct Holdings {
  Node::Edges edges;
  std::shared_ptr<const void> backward;
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

constinit std::atomic<uint64_t> last_sequence{0};  // leaves have 0: they come last in a replay

}  // namespace

Node::Node(std::string_view op, Edges inputs, BackwardFunction backward)
    : op_(op),
      sequence_(backward ? next_sequence() : 0),
      inputs_(std::move(inputs)),
      backward_(backward ? std::make_shared<const BackwardFunction>(std::move(backward))
                         : nullptr) {
  if (is_anomaly_enabled()) recorded_at_ = record_place();
}

Node::Node(std::string_view op, Edges inputs, uint64_t sequence)
    : op_(op), sequence_(sequence), inputs_(std::move(inputs)) {
  if (is_anomaly_enabled()) recorded_at_ = record_place();
}

Node::~Node() {
  destroy_in_a_loop({std::move(inputs_), std::move(backward_)});
}

uint64_t Node::next_sequence() {
  return last_sequence.fetch_add(1) + 1;
}

uint64_t newest_sequence() {
  return last_sequence;
}

void Node::let_go(std::shared_ptr<const void> held) {
  destroy_in_a_loop({{}, std::move(held)});
}

void Node::refuse_freed() const {
  fail("backward: the graph behind '", op_,
       "' was freed by an earlier backward(); pass retain_graph = true to the first one, or run "
       "the forward again");
}

NeededInputs Node::needed_inputs() const {
  NeededInputs needed;
  for (const Edge& edge : inputs_) needed.push_back(edge.node != nullptr);
  return needed;
}

std::vector<Tensor> Node::apply_jointly(const std::vector<Tensor>& gradients) {
  return apply(gradients.front());
}

std::vector<Tensor> Node::apply(const Tensor& gradient) {
  const std::shared_ptr<const BackwardFunction> backward = [&] {
    const std::lock_guard lock(pointer_lock(this));
    return backward_;
  }();
  if (!backward) refuse_freed();
  return (*backward)(gradient, needed_inputs());
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

ReplayScope::ReplayScope(std::shared_ptr<Node> node)
    : previous_(std::move(current_node)),
      range_(node->is_leaf() ? profiler::RangeKind::operation : profiler::RangeKind::backward,
             node->op()) {
  current_node = std::move(node);
}
ReplayScope::~ReplayScope() {
  current_node = std::move(previous_);
}

AccumulateGrad::AccumulateGrad(std::shared_ptr<TensorImpl> leaf)
    : Node("accumulate_grad", {}, nullptr), leaf_(std::move(leaf)) {}

std::vector<Tensor> AccumulateGrad::apply(const Tensor& gradient) {
  accumulate_gradient(*leaf_, gradient);
  if (const GradientHooks* hooks = leaf_->hooks.get()) hooks->run_accumulated(Tensor(leaf_));
  return {};
}

const GradientHooks* AccumulateGrad::hooks() const noexcept {
  return leaf_->hooks.get();
}

}  // namespace cuttle
