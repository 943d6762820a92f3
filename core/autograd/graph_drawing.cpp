#include "graph_drawing.h"

#include <algorithm>
#include <optional>
#include <sstream>
#include <unordered_map>

#include "../tensor_impl.h"
#include "../text.h"
#include "record.h"
#include "replay_order.h"

namespace cuttle {
namespace {

// A node with what is known of its result.
struct Drawn {
  const Node* node = nullptr;
  size_t number = 0;  // of operations, and of leaves, from 1, the oldest first
  std::string name;   // of the result or leaf; "" for none
  std::optional<Shape> shape;

  bool is_leaf() const { return node->is_leaf(); }
  // One of several results of an operation, which has a node of its own.
  bool is_one_of_several() const {
    return node->inputs().size() == 1 && node->inputs()[0].node &&
           node->inputs()[0].node->outputs() > 1;
  }
  std::string op() const {
    std::string text = printable(node->op());
    if (is_one_of_several()) text += " result " + std::to_string(node->inputs()[0].output);
    return text;
  }
};

class Graph {
 public:
  Graph(const Tensor& root, const GraphNames& names) {
    if (!root.requires_grad())
      fail("graph: the tensor of shape ", root.shape(),
           " does not depend on anything that requires a gradient; there is nothing to draw");
    std::unordered_map<const Node*, std::string> name_of;
    for (const auto& [name, tensor] : names)
      if (tensor.defined() && tensor.requires_grad())
        name_of.emplace(gradient_node(tensor).get(), name);
    root_ = gradient_node(root);  // holds all of them
    const ReplayOrder order({root_});
    for (const auto& [node, slot] : order.entries()) {
      index_[node.get()] = drawn_.size();
      const auto name = name_of.find(node.get());
      drawn_.push_back({node.get(), 0, name == name_of.end() ? "" : name->second, {}});
    }
    at(root_.get()).shape = root.shape();
    for (const auto& [node, slot] : order.entries())
      for (const Node::Edge& edge : node->inputs())
        if (edge.node) at(edge.node.get()).shape = edge.shape;
    number();
  }

  const std::vector<Drawn>& nodes() const { return drawn_; }
  const Drawn& operator[](const Node* node) const { return drawn_[index_.at(node)]; }
  bool is_root(const Drawn& drawn) const { return drawn.node == root_.get(); }

 private:
  Drawn& at(const Node* node) { return drawn_[index_.at(node)]; }

  void number() {
    size_t operations = 0, leaves = 0;
    for (auto drawn = drawn_.rbegin(); drawn != drawn_.rend(); ++drawn)
      if (!drawn->is_leaf()) drawn->number = ++operations;
    for (Drawn& drawn : drawn_) {
      if (!drawn.is_leaf()) continue;
      drawn.number = ++leaves;
      if (drawn.name.empty()) drawn.name = "leaf " + std::to_string(leaves);
    }
  }

  std::shared_ptr<Node> root_;
  std::vector<Drawn> drawn_;
  std::unordered_map<const Node*, size_t> index_;
};

// An input that needs no gradient; one without a shape was none at all, such as a missing bias.
bool is_constant(const Node::Edge& edge) {
  return !edge.node && !edge.shape.empty();
}

std::string shape_of(const Drawn& drawn) {
  return drawn.shape ? drawn.shape->str() : "";
}

const TensorImpl& leaf_of(const Drawn& drawn) {
  return static_cast<const AccumulateGrad&>(*drawn.node).leaf();
}

std::string padded(std::string text, size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

// As text within Graphviz' HTML-like labels.
std::string for_label(const std::string& text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

std::string label(const std::string& title, const std::string& below, bool bold) {
  const std::string text = for_label(title);
  std::string rows = "<tr><td>" + (bold ? "<b>" + text + "</b>" : text) + "</td></tr>";
  if (!below.empty())
    rows += "<tr><td><font point-size=\"10\" color=\"#5f6b7a\">" + for_label(below) +
            "</font></td></tr>";
  return "label=<<table border=\"0\" cellborder=\"0\" cellspacing=\"0\" cellpadding=\"1\">" + rows +
         "</table>>";
}

std::string id_of(const Drawn& drawn) {
  return (drawn.is_leaf() ? "leaf" : "op") + std::to_string(drawn.number);
}

constexpr const char* kDotHead =
    "digraph tape {\n"
    "  graph [rankdir=TB, bgcolor=white, pad=0.3, nodesep=0.28, ranksep=0.32];\n"
    "  node [fontname=\"Helvetica\", fontsize=12, shape=box, style=\"rounded,filled\", "
    "margin=\"0.12,0.04\", height=0.3, color=\"#8a94a3\", fillcolor=\"#f6f8fa\", "
    "fontcolor=\"#1f2933\"];\n"
    "  edge [color=\"#8a94a3\", arrowsize=0.6, penwidth=1.1];\n";

}  // namespace

std::string graph_text(const Tensor& root, const GraphNames& names) {
  const Graph graph(root, names);
  size_t digits = 0, name_width = 0, shape_width = 0;
  const auto title = [](const Drawn& drawn) {
    if (drawn.is_leaf()) return printable(drawn.name);
    return drawn.op() + (drawn.name.empty() ? "" : " (" + printable(drawn.name) + ")");
  };
  for (const Drawn& drawn : graph.nodes()) {
    digits = std::max(digits, std::to_string(drawn.number).size());
    name_width = std::max(name_width, title(drawn).size());
    shape_width = std::max(shape_width, shape_of(drawn).size());
  }
  std::ostringstream text;
  for (const Drawn& drawn : graph.nodes()) {
    const std::string number = drawn.is_leaf() ? "" : std::to_string(drawn.number);
    text << padded("", digits - number.size()) << number << "  " << padded(title(drawn), name_width)
         << "  ";
    if (drawn.is_leaf()) {
      const TensorImpl& leaf = leaf_of(drawn);
      text << padded(leaf.shape.str(), shape_width) << "  " << leaf.dtype;
      if (leaf.storage->device().is_cuda()) text << ", " << leaf.storage->device();
      text << '\n';
      continue;
    }
    text << padded(shape_of(drawn), shape_width) << "  <-";
    const char* comma = " ";
    for (const Node::Edge& edge : drawn.node->inputs()) {
      if (!edge.node && !is_constant(edge)) continue;
      text << comma;
      comma = ", ";
      if (is_constant(edge))
        text << edge.shape;
      else if (const Drawn& from = graph[edge.node.get()]; from.is_leaf())
        text << printable(from.name);
      else
        text << from.number;
    }
    text << '\n';
  }
  return text.str();
}

std::string graph_dot(const Tensor& root, const GraphNames& names) {
  const Graph graph(root, names);
  std::ostringstream dot;
  dot << kDotHead;
  size_t constants = 0;
  for (const Drawn& drawn : graph.nodes()) {
    dot << "  " << id_of(drawn) << " [";
    if (drawn.is_leaf()) {
      dot << label(drawn.name, leaf_of(drawn).shape.str(), /*bold=*/false)
          << ", fillcolor=\"#dcebfb\", color=\"#4a86c5\"];\n";
      continue;
    }
    const std::string below =
        (drawn.name.empty() ? "" : drawn.name + " ") + (drawn.shape ? drawn.shape->str() : "");
    dot << label(drawn.op(), below, /*bold=*/true)
        << (graph.is_root(drawn) ? ", fillcolor=\"#fde8d0\", color=\"#d98324\", penwidth=1.6" : "")
        << "];\n";
    for (const Node::Edge& edge : drawn.node->inputs()) {
      if (edge.node) {
        const Drawn& from = graph[edge.node.get()];
        // The operations make a straight column, with their leaves beside it.
        dot << "  " << id_of(from) << " -> " << id_of(drawn)
            << (from.is_leaf() ? ";\n" : " [weight=8];\n");
      } else if (is_constant(edge)) {
        const std::string id = "constant" + std::to_string(++constants);
        dot << "  " << id << " [" << label("constant", edge.shape.str(), /*bold=*/false)
            << ", style=\"rounded,dashed\"];\n  " << id << " -> " << id_of(drawn) << ";\n";
      }
    }
  }
  dot << "}\n";
  return dot.str();
}

}  // namespace cuttle
