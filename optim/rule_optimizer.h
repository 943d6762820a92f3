// RuleOptimizer: what all optimizers do whose step is a rule of kernels/optimizer_rules.h.
#pragma once

#include <type_traits>
#include <vector>

#include "../kernels/optimizer_rules.h"
#include "option_groups.h"
#include "step_launch.h"

namespace cuttle {

/// Groups of parameters with options each. All parameters of one group, device and dtype are
/// updated in one launch; what is kept for a parameter is made at its first step and follows it to
/// another device or dtype. How many steps it has taken lies on the device.
///
/// A step that was captured into a CUDA graph (core/cuda_graph.h) follows the options, and the
/// state that load_state_dict brings; a first step may be captured as well.
template <class Rule>
class RuleOptimizer : public OptionGroups<Rule> {
 public:
  using typename OptionGroups<Rule>::Options;
  using typename OptionGroups<Rule>::ParamGroup;

  /// Throws Error for no parameters, parameters that cannot be optimized (see
  /// Optimizer::add_group), and options out of their range.
  explicit RuleOptimizer(const std::vector<Tensor>& params, const Options& options = {})
      : RuleOptimizer(std::vector<ParamGroup>{{params, options}}) {}
  /// SGD(model.parameters(), 0.01).
  template <class T>
  requires std::is_arithmetic_v<T> RuleOptimizer(const std::vector<Tensor>& params, T lr)
      : RuleOptimizer(params, Options{.lr = static_cast<double>(lr)}) {}
  /// SGD({{encoder.parameters(), {.lr = 0.001}}, {head.parameters(), {.lr = 0.1}}}).
  explicit RuleOptimizer(const std::vector<ParamGroup>& groups);

  void step() override { step_unless({}); }
  void step_unless(const Tensor& skip) override;

 private:
  using Launches = std::vector<StepLaunch<Rule>>;  // one a device and dtype

  StepUpdate prepare(size_t index, const Tensor& gradient, const Options& options);
  /// What is kept for the parameter where it fits, else another; in a capture always the same one.
  Tensor state_for(size_t slot, size_t index, const Tensor& value);
  /// Gives launches the group's parameters that have a gradient.
  void gather(size_t group, Launches& launches);
  /// The group's step as part of a CUDA graph.
  void capture(size_t group, const Tensor& skip);

  std::vector<Launches> launches_;             // [group]
  std::vector<std::vector<Tensor>> captured_;  // [slot][parameter]: states that replays fill
};

}  // namespace cuttle
