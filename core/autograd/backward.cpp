#include "backward.h"

#include <algorithm>
#include <span>
#include <unordered_map>
#include <unordered_set>

#include "../../kernels/fill.h"
#include "../autocast.h"
#include "../creation.h"
#include "../dispatch.h"
#include "../ops/arithmetic.h"
#include "../tensor_impl.h"
#include "../warning.h"
#include "anomaly.h"
#include "arrivals.h"
#include "grad_mode.h"
#include "node.h"
#include "record.h"
#include "replay_order.h"

namespace cuttle {
namespace {

using NodePtr = std::shared_ptr<Node>;

// A tensor that the replay starts at, and the gradient it starts with.
struct Root {
  NodePtr node;
  Tensor gradient;
};

void check_gradient(const Node& node, const Node::Edge& edge, const Tensor& gradient) {
  if (gradient.shape() != edge.shape || gradient.dtype() != edge.dtype)
    fail("backward of '", node.op(), "' gave a gradient of shape ", gradient.shape(), " and dtype ",
         gradient.dtype(), " for an input of shape ", edge.shape, " and dtype ", edge.dtype);
}

// With create_graph, gradients of an operation whose backward is not recorded get a node that says
// so when it is replayed, instead of passing for constants. They depend on the operation's inputs
// and on the gradients that arrived.
Tensor refuse_second_derivative(const Node& node, std::span<const Tensor> arrived,
                                const Tensor& gradient) {
  if (gradient.requires_grad()) return gradient;
  const std::string_view op = node.op();
  Node::Edges inputs = node.inputs();
  for (const Tensor& one : arrived)
    if (one.defined()) inputs.push_back({gradient_node(one), one.shape(), one.dtype()});
  Tensor marked = gradient.detach();
  marked.impl().node = std::make_shared<Node>(
      op, std::move(inputs), [op](const Tensor&, const NeededInputs&) -> std::vector<Tensor> {
        fail("backward: '", op,
             "' cannot be differentiated twice: its backward is one kernel, not recorded "
             "operations");
      });
  marked.impl().requires_grad = true;
  return marked;
}

std::vector<Tensor> apply(Node& node, std::span<const Tensor> arrived) try {
  if (node.outputs() > 1)
    return node.apply_jointly(std::vector<Tensor>(arrived.begin(), arrived.end()));
  return node.apply(arrived.front());
} catch (const OutOfMemoryError&) {
  throw;
} catch (const Error& error) {
  if (!node.recorded_at()) throw;
  fail(error.what(), "\n'", node.op(), "' was recorded here:", node.recorded_at()->str());
}

struct Replay {
  const BackwardOptions& options;
  std::unordered_set<const Node*> relevant;  // with captures: nodes that lead to one; else empty
  std::unordered_map<const Node*, Tensor> captured;
  bool stop_at_captures = false;

  // `arrived`: the gradients of the node's results, one but for a joint node.
  void pass_on(const NodePtr& node, std::span<const Tensor> arrived, const ReplayOrder& order,
               Arrivals& arrivals) {
    std::vector<Tensor> gradients;
    {
      const ReplayScope scope(node);
      gradients = apply(*node, arrived);
      if (is_anomaly_check_nan_enabled()) check_no_nan(*node, gradients);
    }
    if (node->is_leaf()) return;
    if (gradients.size() != node->inputs().size())
      fail("backward of '", node->op(), "' gave ", gradients.size(), " gradients for ",
           node->inputs().size(), " inputs");
    for (size_t i = 0; i < gradients.size(); ++i) {
      const Node::Edge& edge = node->inputs()[i];
      if (!edge.node || !gradients[i].defined()) continue;
      check_gradient(*node, edge, gradients[i]);
      if (options.create_graph && node->once_differentiable())
        gradients[i] = refuse_second_derivative(*node, arrived, gradients[i]);
      arrivals.add(order.slot(edge.node.get()) + static_cast<size_t>(edge.output),
                   std::move(gradients[i]));
    }
    if (!options.retain_graph && !options.create_graph) node->release();
  }

  void run(const std::vector<Root>& roots) {
    const Autocast as_they_are(Autocast::State{});
    std::vector<NodePtr> nodes;
    for (const Root& root : roots) nodes.push_back(root.node);
    const ReplayOrder order(nodes);
    find_relevant(order);
    Arrivals arrivals(order.slot_count());
    for (const Root& root : roots) arrivals.add(order.slot(root.node.get()), root.gradient);
    for (const ReplayOrder::Entry& entry : order.entries())
      entry.node->outputs() == 1 ? visit(entry, order, arrivals)
                                 : visit_joint(entry, order, arrivals);
  }

  void visit(const ReplayOrder::Entry& entry, const ReplayOrder& order, Arrivals& arrivals) {
    const NodePtr& node = entry.node;
    Tensor arrived = arrivals.take(entry.slot);
    if (!arrived.defined()) return;
    const auto capture = captured.find(node.get());
    const bool is_captured = capture != captured.end();
    const bool ends = is_captured && stop_at_captures;
    if (const GradientHooks* hooks = node->hooks(); hooks && !ends)
      arrived = hooks->run(*node, std::move(arrived));
    if (is_captured) capture->second = arrived;
    const bool leads_on = captured.empty() || relevant.contains(node.get());
    if (leads_on && !ends) pass_on(node, {&arrived, 1}, order, arrivals);
  }

  void visit_joint(const ReplayOrder::Entry& entry, const ReplayOrder& order, Arrivals& arrivals) {
    const NodePtr& node = entry.node;
    const std::vector<Tensor> arrived = arrivals.take_all(entry.slot, node->outputs());
    if (arrived.empty()) return;
    if (captured.empty() || relevant.contains(node.get())) pass_on(node, arrived, order, arrivals);
  }

  // Only what lies on a way to a captured node is replayed. Ways start at inputs, so this goes
  // through the order backwards.
  void find_relevant(const ReplayOrder& order) {
    if (captured.empty()) return;
    std::unordered_set<const Node*> leads;
    for (auto entry = order.entries().rbegin(); entry != order.entries().rend(); ++entry) {
      const Node* const node = entry->node.get();
      bool on_way = false;
      for (const Node::Edge& edge : node->inputs())
        on_way = on_way || (edge.node && leads.contains(edge.node.get()));
      if (on_way) relevant.insert(node);
      if (on_way || captured.contains(node)) leads.insert(node);
    }
  }
};

// The root's gradient with respect to itself, in memory that all replays share and none writes.
Tensor one_like(const Tensor& root) {
  return dispatch_floating("backward", root.dtype(), [&]<class T>() {
    const T* one = on_device(root.device(), [](auto stream) { return kernels::one<T>(stream); });
    return from_blob(const_cast<T*>(one), root.shape(),
                     {.dtype = root.dtype(), .device = root.device()});
  });
}

Tensor initial_gradient(const Tensor& root, const Tensor& gradient) {
  if (!root.requires_grad())
    fail(
        "backward: the tensor of shape ", root.shape(),
        " does not depend on anything that requires a gradient; was it computed under NoGradGuard, "
        "or from parameters without requires_grad?");
  if (!gradient.defined()) {
    if (root.numel() != 1)
      fail("backward: a tensor of shape ", root.shape(),
           " has several elements: call it on a scalar such as a loss, or pass the gradient");
    return one_like(root);
  }
  if (gradient.shape() != root.shape() || gradient.dtype() != root.dtype() ||
      gradient.device() != root.device())
    fail("backward: the gradient (shape ", gradient.shape(), ", ", gradient.dtype(), ", ",
         gradient.device(), ") must be like the tensor (shape ", root.shape(), ", ", root.dtype(),
         ", ", root.device(), ")");
  return gradient;
}

// A copy in which what is one number in several places stays one.
Tensor compact_copy(const Tensor& x) {
  Tensor numbers = x;
  for (int d = 0; d < x.dim(); ++d)
    if (x.strides()[d] == 0 && x.shape()[d] > 1) numbers = numbers.narrow(d, 0, 1);
  return numbers.clone().expand(x.shape());
}

std::vector<Root> roots_of(std::string_view op, const std::vector<Tensor>& outputs,
                           const std::vector<Tensor>& gradients) {
  if (outputs.empty()) fail(op, ": there is no tensor to start at");
  if (!gradients.empty() && gradients.size() != outputs.size())
    fail(op, ": expected one gradient for each of ", outputs.size(), " tensors, got ",
         gradients.size());
  std::vector<Root> roots;
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Tensor given = gradients.empty() ? Tensor() : gradients[i];
    const Tensor start = initial_gradient(outputs[i], given);
    roots.push_back({gradient_node(outputs[i]), start});
  }
  return roots;
}

}  // namespace

void backward(const std::vector<Tensor>& roots, const std::vector<Tensor>& gradients,
              const BackwardOptions& options) {
  const std::vector<Root> starts = roots_of("backward", roots, gradients);
  if (options.create_graph)
    warn(
        "backward(create_graph = true) makes a cycle of each parameter, its gradient and the graph "
        "between them, which is never freed by itself; use grad(), which makes none, or "
        "set_grad({}) on the parameters when done");
  const GradMode mode(options.create_graph);
  Replay replay{options, {}, {}};
  replay.run(starts);
}

void backward(const Tensor& root, const Tensor& gradient, const BackwardOptions& options) {
  backward(std::vector{root}, std::vector{gradient}, options);
}

std::vector<Tensor> grad(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                         const std::vector<Tensor>& gradients, const GradOptions& options) {
  const std::vector<Root> starts = roots_of("grad", outputs, gradients);
  const BackwardOptions replay_options{options.retain_graph, options.create_graph};
  Replay replay{replay_options, {}, {}};
  std::vector<NodePtr> nodes;  // holds them: a leaf's node lives only as long as somebody does
  for (const Tensor& input : inputs) {
    if (!input.requires_grad())
      fail("grad: an input of shape ", input.shape(),
           " does not require a gradient; call requires_grad_() on it before the forward");
    nodes.push_back(gradient_node(input));
    replay.captured[nodes.back().get()] = {};
  }
  const GradMode mode(options.create_graph);
  replay.run(starts);
  std::vector<Tensor> found;
  for (size_t i = 0; i < inputs.size(); ++i) {
    Tensor gradient = replay.captured.at(nodes[i].get());
    if (!gradient.defined() && !options.allow_unused)
      fail("grad: no output depends on input ", i, " (shape ", inputs[i].shape(),
           "); leave it out, or pass allow_unused = true for an undefined tensor in its place");
    // The caller may write to it.
    const bool shared =
        gradient.defined() && std::any_of(starts.begin(), starts.end(), [&](const Root& root) {
          return gradient.impl().storage == root.gradient.impl().storage;
        });
    found.push_back(shared ? compact_copy(gradient) : gradient);
  }
  return found;
}

std::vector<Tensor> grad(const Tensor& output, const std::vector<Tensor>& inputs,
                         const Tensor& gradient, const GradOptions& options) {
  return grad(std::vector{output}, inputs, std::vector{gradient}, options);
}

std::vector<Tensor> gradients_at(const std::vector<std::shared_ptr<Node>>& nodes,
                                 const std::vector<Tensor>& outputs,
                                 const std::vector<Tensor>& gradients, bool create_graph) {
  const BackwardOptions options{.create_graph = create_graph};
  Replay replay{options, {}, {}, /*stop_at_captures=*/true};
  for (const NodePtr& node : nodes) replay.captured[node.get()] = {};
  std::vector<Root> roots;
  for (size_t i = 0; i < outputs.size(); ++i)
    if (gradients[i].defined()) roots.push_back({gradient_node(outputs[i]), gradients[i]});
  const GradMode mode(create_graph);
  replay.run(roots);
  std::vector<Tensor> found;
  for (const NodePtr& node : nodes) found.push_back(replay.captured.at(node.get()));
  return found;
}

}  // namespace cuttle
