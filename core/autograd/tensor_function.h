// What derivatives are taken of: functions from tensors to tensors.
#pragma once

#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include "../tensor.h"

namespace cuttle {

/// A function of tensors that gives one: an operation, a layer, a loss.
using TensorFunction = std::function<Tensor(const std::vector<Tensor>&)>;

/// A function of one tensor that gives one.
using FunctionOfOne = std::function<Tensor(const Tensor&)>;

/// A function of tensors that gives several. What gives a single one converts to it, and then gives
/// a list of one.
class TensorsFunction {
 public:
  using List = std::vector<Tensor>;

  template <class F>
  requires std::is_invocable_r_v<List, const F&, const List&> TensorsFunction(F function)  // NOLINT
      : function_(std::move(function)) {}
  template <class F>
  requires std::is_invocable_r_v<Tensor, const F&, const List&> TensorsFunction(
      F function)  // NOLINT
      : function_([single = std::move(function)](const List& x) { return List{single(x)}; }) {}

  List operator()(const List& inputs) const { return function_(inputs); }

 private:
  std::function<List(const List&)> function_;
};

}  // namespace cuttle
