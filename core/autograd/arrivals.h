// Gradients between the nodes of a replay.
#pragma once

#include <unordered_map>
#include <vector>

#include "../ops/arithmetic.h"
#include "grad_mode.h"
#include "leaf.h"
#include "node.h"

namespace cuttle {

/// Gradients on their way to nodes that have not run yet. The first to arrive is kept as it is, be
/// it a view or one number in all places; the others are added in place where nobody else holds it.
class Arrivals {
 public:
  void add(const Node* node, int output, Tensor gradient) {
    const auto [place, first] = sums_.try_emplace(Place{node, output}, gradient);
    if (first) return;
    Tensor& sum = place->second;
    if (is_held_once(sum) && !is_grad_enabled()) {
      sum.add_(gradient);
    } else {
      sum = sum + gradient;
    }
  }
  /// Undefined if nothing arrived.
  Tensor take(const Node* node, int output = 0) {
    const auto place = sums_.find(Place{node, output});
    if (place == sums_.end()) return {};
    Tensor value = std::move(place->second);
    sums_.erase(place);
    return value;
  }
  /// All that arrived at a node of several results; empty for none.
  std::vector<Tensor> take_all(const Node& node) {
    std::vector<Tensor> gradients;
    bool any = false;
    for (int output = 0; output < node.outputs(); ++output) {
      gradients.push_back(take(&node, output));
      any = any || gradients.back().defined();
    }
    return any ? gradients : std::vector<Tensor>();
  }

 private:
  struct Place {
    const Node* node;
    int output;
    bool operator==(const Place&) const = default;
  };
  struct Hash {
    size_t operator()(const Place& place) const {
      return std::hash<const Node*>()(place.node) + static_cast<size_t>(place.output);
    }
  };
  std::unordered_map<Place, Tensor, Hash> sums_;
};

}  // namespace cuttle
