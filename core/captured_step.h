// A training step that is captured into a CUDA graph and replayed, in one line.
#pragma once

#include <concepts>
#include <functional>
#include <list>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "cuda_graph.h"
#include "cuda_stream.h"
#include "tensor.h"

namespace cuttle {

struct CapturedStepOptions {
  /// Where the step runs. Inputs from elsewhere are copied there, from the host without a detour.
  /// Unset: on the inputs' device.
  std::optional<Device> device = {};
  /// How often a step with inputs of new shapes runs as usual before it is captured; at least once.
  int warmup = 2;
  /// How many kinds of inputs get a graph; steps with further ones run as usual.
  size_t max_graphs = 4;
};

/// What CapturedStep does, for any number of inputs and results. Used by one thread at a time.
class StepGraphs {
 public:
  using Step = std::function<std::vector<Tensor>(const std::vector<Tensor>& inputs)>;

  explicit StepGraphs(const CapturedStepOptions& options);
  ~StepGraphs();
  StepGraphs(const StepGraphs&) = delete;
  StepGraphs& operator=(const StepGraphs&) = delete;

  std::vector<Tensor> run(const std::vector<Tensor>& inputs, const Step& step);

 private:
  struct Kind;

  Device device_of(const std::vector<Tensor>& inputs) const;
  Kind* kind_of(const std::vector<Tensor>& inputs, const Device& device);
  std::vector<Tensor> warm_up(Kind& kind, const Step& step);
  void capture(Kind& kind, const Step& step);

  CapturedStepOptions options_;
  std::optional<cuda::Stream> stream_;     // of warm-up and capture
  std::optional<cuda::Stream> last_used_;  // where the last step was queued
  std::list<Kind> kinds_;
};

/// A training step as a function of its batch, which becomes one CUDA graph:
///
///   CapturedStep step([&](const Tensor& images, const Tensor& targets) {
///     const Tensor loss = loss_fn(model(images), targets);
///     optimizer.zero_grad();
///     loss.backward();
///     optimizer.step();
///     return loss;
///   });
///   for (const auto& [images, targets] : loader) Tensor loss = step(images, targets);
///
/// Each call is one step, and computes the same bits as calling the function. The first calls run
/// it as usual, on inputs that the object keeps; the next one captures it, and from then on a call
/// copies the batch into the kept inputs and replays the graph. Inputs of other shapes, such as an
/// epoch's last, smaller batch, have a warm-up and a graph of their own. On the CPU it calls the
/// function, and that is all.
///
/// The function takes and returns tensors: one, a std::vector, a std::pair or std::tuple of them,
/// or returns nothing. What is returned has no history and is overwritten by a later call: read it,
/// clone() it or add it up before.
///
/// What the function does on the host happens in the first calls alone: see cuda::CUDAGraph on what
/// is captured, what is refused, and on values that change from step to step. An optimizer's
/// learning rate may change. A model that is switched between train() and eval(), or gets other
/// parameters, needs another CapturedStep. An Error that the function throws passes through; if it
/// was thrown during capture, gradients are undefined until the next backward.
template <class Function>
class CapturedStep {
 public:
  explicit CapturedStep(Function function, const CapturedStepOptions& options = {})
      : function_(std::move(function)), graphs_(options) {}

  /// One step. Throws Error for inputs on different devices (without options.device), and for
  /// inputs that require gradients.
  template <std::derived_from<Tensor>... Inputs>
  auto operator()(const Inputs&... inputs) {
    using Result = decltype(function_(static_cast<const Tensor&>(inputs)...));
    const auto call = [&](const std::vector<Tensor>& given) {
      return call_with(given, std::index_sequence_for<Inputs...>());
    };
    return unpacked<Result>(graphs_.run({inputs...}, call));
  }

 private:
  template <size_t... index>
  std::vector<Tensor> call_with(const std::vector<Tensor>& inputs, std::index_sequence<index...>) {
    using Result = decltype(function_(inputs[index]...));
    if constexpr (std::is_void_v<Result>) {
      function_(inputs[index]...);
      return {};
    } else {
      return packed(function_(inputs[index]...));
    }
  }

  static std::vector<Tensor> packed(Tensor result) { return {std::move(result)}; }
  static std::vector<Tensor> packed(std::vector<Tensor> results) { return results; }
  template <class Tuple>
  static std::vector<Tensor> packed(const Tuple& results) {
    return std::apply([](const auto&... each) { return std::vector<Tensor>{each...}; }, results);
  }

  template <class Result>
  static Result unpacked(std::vector<Tensor> results) {
    if constexpr (std::is_same_v<Result, Tensor>) {
      return results.front();
    } else if constexpr (std::is_same_v<Result, std::vector<Tensor>>) {
      return results;
    } else if constexpr (!std::is_void_v<Result>) {
      return [&]<size_t... index>(std::index_sequence<index...>) {
        return Result{results[index]...};
      }
      (std::make_index_sequence<std::tuple_size_v<Result>>());
    }
  }

  Function function_;
  StepGraphs graphs_;
};

}  // namespace cuttle
