#include "graph_def.h"

#include "names.h"

namespace cuttle::tensorboard {
namespace {

// AttrValue: list = 1 with shape = 7: TensorShapeProto: dim = 2 with size = 1.
Message shape_attribute(const Shape& shape) {
  Message dims;
  for (const int64_t size : shape) dims.message(2, Message().integer(1, size));
  return Message().message(1, Message().message(7, dims));
}

// NodeDef: name = 1, op = 2, input = 3, attr = 5, a map of AttrValue (a string there: s = 2).
Message node_def(const GraphNode& node) {
  Message message;
  message.bytes(1, node.name).bytes(2, node.op);
  for (const std::string& input : node.inputs) message.bytes(3, input);
  if (node.shape)
    message.message(5,
                    Message().bytes(1, "_output_shapes").message(2, shape_attribute(*node.shape)));
  for (const auto& [name, text] : node.attributes) {
    check_utf8("add_graph", "attribute", name);
    check_utf8("add_graph", "attribute", text);
    message.message(5, Message().bytes(1, name).message(2, Message().bytes(2, text)));
  }
  return message;
}

}  // namespace

Message graph_def(const GraphNodes& nodes) {
  Message graph;
  for (const GraphNode& node : nodes) {
    check_utf8("add_graph", "name", node.name);
    check_utf8("add_graph", "operation", node.op);
    for (const std::string& input : node.inputs) check_utf8("add_graph", "name", input);
    graph.message(1, node_def(node));
  }
  // GraphDef: node = 1, versions = 4 (VersionDef: producer = 1; this one reads such a graph).
  graph.message(4, Message().integer(1, 22));
  return graph;
}

}  // namespace cuttle::tensorboard
