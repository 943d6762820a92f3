// A model's graph as data: what layers/module_graph.h makes and SummaryWriter::add_graph writes.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../shape.h"

namespace cuttle {

/// An operation, parameter or input. Names are unique, and paths: what stands before a "/" is a
/// module, which viewers draw as a box.
struct GraphNode {
  std::string name, op;
  std::vector<std::string> inputs;  // names of the nodes whose results it takes
  std::optional<Shape> shape;       // of its result
  std::vector<std::pair<std::string, std::string>> attributes;
};
using GraphNodes = std::vector<GraphNode>;

}  // namespace cuttle
