// Hooks note between which numbers of the tape's nodes each module was called; an operation belongs
// to the innermost call that its number lies in.
#include "module_graph.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "../core/autograd/grad_mode.h"
#include "../core/autograd/joint.h"
#include "../core/autograd/replay_order.h"
#include "watched_modules.h"

namespace cuttle {
namespace {

struct Call {
  std::string scope, printed;    // "Net/Conv2d[conv1]", "Conv2d(3, 8, kernel_size=(3, 3))"
  uint64_t first = 0, last = 0;  // its nodes have numbers above `first`, up to `last`
  bool takes_indices = false;    // the model's input, where that needs no gradient
};

// "Net/Sequential[model]/Conv2d[0]" of the path "model.0", for each module's path.
std::map<std::string, std::string> scopes_of(Module& model) {
  std::map<std::string, std::string> scopes;
  for (const auto& [path, module] : model.named_modules()) {
    if (path.empty()) {
      scopes[path] = module->type_name();
      continue;
    }
    const size_t dot = path.rfind('.');
    const std::string parent = dot == std::string::npos ? "" : path.substr(0, dot);
    const std::string name = dot == std::string::npos ? path : path.substr(dot + 1);
    scopes[path] = scopes.at(parent) + "/" + module->type_name() + "[" + name + "]";
  }
  return scopes;
}

class GraphBuilder {
 public:
  GraphBuilder(Module& model, const Tensor& input) : model_(model), scopes_(scopes_of(model)) {
    const GradMode recording(true);
    input_ = input.detach();
    if (is_floating_point(input_.dtype())) input_.requires_grad_(true);
    call();
    if (!output_.requires_grad())
      fail(
          "add_graph: the output does not depend on anything that requires a gradient, so the "
          "tape holds nothing of it; call requires_grad_() on the parameters first");
  }

  GraphNodes nodes() {
    name_leaves();
    const ReplayOrder order({gradient_node(output_)});
    note_shapes(order);
    if (!input_.requires_grad()) nodes_.push_back({"input", "input", {}, input_.shape(), {}});
    for (auto entry = order.entries().rbegin(); entry != order.entries().rend(); ++entry)
      add(*entry->node);
    nodes_.push_back(
        {"output", "output", {names_.at(gradient_node(output_).get())}, output_.shape(), {}});
    return std::move(nodes_);
  }

 private:
  void call() {
    std::vector<size_t> open;  // calls that have not returned
    Watched watched(model_);
    for (const auto& [path, module] : model_.named_modules()) {
      watched.handles.push_back(module->register_forward_pre_hook(
          [&, path = path](Module& called, const std::vector<Tensor>& inputs) {
            open.push_back(calls_.size());
            calls_.push_back({scopes_.at(path), printed(called), newest_sequence(), 0,
                              !input_.requires_grad() && inputs[0].is_same(input_)});
          }));
      watched.handles.push_back(
          module->register_forward_hook([&](Module&, const std::vector<Tensor>&, const Tensor&) {
            calls_[open.back()].last = newest_sequence();
            open.pop_back();
          }));
    }
    output_ = model_(input_);
  }

  static std::string printed(const Module& module) {
    return module.type_name() + "(" + module.extra_repr() + ")";
  }

  const Call* innermost(uint64_t sequence) const {
    const Call* found = nullptr;
    for (const Call& call : calls_)
      if (call.first < sequence && sequence <= call.last) found = &call;
    return found;
  }

  void name_leaves() {
    for (const auto& [path, parameter] : model_.named_parameters()) {
      if (!parameter.requires_grad()) continue;
      const size_t dot = path.rfind('.');
      const std::string module = dot == std::string::npos ? "" : path.substr(0, dot);
      const std::string name = dot == std::string::npos ? path : path.substr(dot + 1);
      leaves_[gradient_node(parameter).get()] = scopes_.at(module) + "/" + name;
    }
    if (input_.requires_grad()) leaves_[gradient_node(input_).get()] = "input";
  }

  void note_shapes(const ReplayOrder& order) {
    shapes_[gradient_node(output_).get()] = output_.shape();
    for (const auto& [node, slot] : order.entries())
      for (const Node::Edge& edge : node->inputs())
        if (edge.node) shapes_[edge.node.get()] = edge.shape;
  }

  // Indices are not on the tape: what looks them up takes parameters alone.
  static bool takes_leaves_alone(const Node& node) {
    return std::all_of(node.inputs().begin(), node.inputs().end(),
                       [](const Node::Edge& edge) { return !edge.node || edge.node->is_leaf(); });
  }

  std::string unique(const std::string& name) {
    const int count = ++uses_[name];
    return count == 1 ? name : name + "_" + std::to_string(count - 1);
  }

  void add(const Node& node) {
    GraphNode made;
    if (const auto shape = shapes_.find(&node); shape != shapes_.end()) made.shape = shape->second;
    if (node.is_leaf()) {
      const auto leaf = leaves_.find(&node);
      const std::string name = leaf == leaves_.end() ? "constant" : leaf->second;
      made.op = name == "input" ? "input" : leaf == leaves_.end() ? "constant" : "parameter";
      made.name = unique(name);
    } else {
      const Call* const call = innermost(node.sequence());
      made.op = node.op();
      made.name = unique((call ? call->scope : scopes_.at("")) + "/" + made.op);
      if (call) made.attributes = {{"module", call->printed}};
      for (const Node::Edge& edge : node.inputs())
        if (edge.node) made.inputs.push_back(names_.at(edge.node.get()));
      if (call && call->takes_indices && takes_leaves_alone(node))
        made.inputs.emplace_back("input");
    }
    names_[&node] = made.name;
    nodes_.push_back(std::move(made));
  }

  Module& model_;
  std::map<std::string, std::string> scopes_;
  Tensor input_, output_;
  std::vector<Call> calls_;
  std::unordered_map<const Node*, std::string> leaves_, names_;
  std::unordered_map<const Node*, Shape> shapes_;
  std::unordered_map<std::string, int> uses_;
  GraphNodes nodes_;
};

}  // namespace

GraphNodes module_graph(Module& model, const Tensor& input) {
  return GraphBuilder(model, input).nodes();
}

}  // namespace cuttle
