// Gradient checkpointing: memory for time.
#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "../tensor.h"
#include "tensor_function.h"

namespace cuttle {

struct CheckpointOptions {
  /// The replay draws the random numbers that the forward drew (dropout). Off it saves the time and
  /// the few KB of keeping the generators' states, and random functions give wrong gradients.
  bool preserve_rng_state = true;
};

/// checkpoint() for any number of inputs, which may be undefined, and of results.
std::vector<Tensor> checkpoint_list(const TensorsFunction& function,
                                    const std::vector<Tensor>& inputs,
                                    const CheckpointOptions& options = {});

/// torch.utils.checkpoint: function(inputs...), of which the tape keeps the inputs alone instead of
/// all that the operations within save. The backward calls the function again and differentiates
/// that. What the function reaches by other ways (parameters, captured tensors) gets its gradients
/// as without; checkpoints may lie within each other; create_graph works. The function returns a
/// Tensor or a std::vector<Tensor>, is kept until the backward, and must compute the same each
/// time: the backward throws Error where shapes differ.
///
///     const Tensor y = checkpoint([&](const Tensor& x) { return block(x); }, x);
template <class F, std::convertible_to<const Tensor&>... Inputs>
auto checkpoint(const CheckpointOptions& options, F function, const Inputs&... inputs) {
  using Result = std::invoke_result_t<F&, const Inputs&...>;
  constexpr bool one = std::is_convertible_v<Result, Tensor>;
  const auto shared = std::make_shared<F>(std::move(function));
  const auto call = [shared](const std::vector<Tensor>& in) {
    return [&]<size_t... I>(std::index_sequence<I...>)->std::vector<Tensor> {
      if constexpr (one)
        return {(*shared)(in[I]...)};
      else
        return (*shared)(in[I]...);
    }
    (std::index_sequence_for<Inputs...>());
  };
  std::vector<Tensor> results = checkpoint_list(call, {inputs...}, options);
  if constexpr (one)
    return Tensor(results.front());
  else
    return results;
}
template <class F, std::convertible_to<const Tensor&>... Inputs>
requires(!std::is_convertible_v<F, CheckpointOptions>) auto checkpoint(F function,
                                                                       const Inputs&... inputs) {
  return checkpoint(CheckpointOptions(), std::move(function), inputs...);
}

}  // namespace cuttle
