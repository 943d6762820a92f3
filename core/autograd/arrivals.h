// Gradients between the nodes of a replay.
#pragma once

#include <utility>
#include <vector>

#include "../ops/arithmetic.h"
#include "grad_mode.h"
#include "leaf.h"
#include "replay_order.h"

namespace cuttle {

/// Gradients on their way to nodes that have not run yet, by slot (ReplayOrder). The first to
/// arrive is kept as it is, be it a view or one number in all places; the others are added in place
/// where nobody else holds it.
class Arrivals {
 public:
  explicit Arrivals(size_t slots) : sums_(slots) {}

  void add(size_t slot, Tensor gradient) {
    Tensor& sum = sums_[slot];
    if (!sum.defined()) {
      sum = std::move(gradient);
    } else if (is_held_once(sum) && !is_grad_enabled()) {
      sum.add_(gradient);
    } else {
      sum = sum + gradient;
    }
  }
  /// Undefined if nothing arrived.
  Tensor take(size_t slot) { return std::exchange(sums_[slot], Tensor()); }
  /// All that arrived at a node of several results; empty for none.
  std::vector<Tensor> take_all(size_t first_slot, int outputs) {
    std::vector<Tensor> gradients;
    bool any = false;
    for (int output = 0; output < outputs; ++output) {
      gradients.push_back(take(first_slot + static_cast<size_t>(output)));
      any = any || gradients.back().defined();
    }
    return any ? gradients : std::vector<Tensor>();
  }

 private:
  std::vector<Tensor> sums_;
};

}  // namespace cuttle
