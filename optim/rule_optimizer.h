// RuleOptimizer: what all optimizers do whose step is a rule of kernels/optimizer_rules.h.
#pragma once

#include <memory>
#include <type_traits>
#include <vector>

#include "../kernels/optimizer_rules.h"
#include "optimizer.h"
#include "step_launch.h"

namespace cuttle {

/// Groups of parameters with options each. All parameters of one group, device and dtype are
/// updated in one launch; what is kept for a parameter is made at its first step and follows it to
/// another device or dtype. How many steps it has taken lies on the device.
///
/// A step that was captured into a CUDA graph (core/cuda_graph.h) follows the options, and the
/// state that load_state_dict brings; a first step may be captured as well.
template <class Rule>
class RuleOptimizer : public Optimizer {
 public:
  using Options = typename Rule::Options;
  struct ParamGroup {
    std::vector<Tensor> params;
    Options options = {};
  };

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

  void add_param_group(const ParamGroup& group);

  void step() override { step_unless({}); }
  void step_unless(const Tensor& skip) override;

  using Optimizer::set_lr;
  double lr(size_t group = 0) const override { return options(group).lr; }
  void set_lr(double lr, size_t group) override;
  /// A group's options; what is changed counts from the next step on, which checks it.
  Options& options(size_t group = 0);
  const Options& options(size_t group = 0) const;

 protected:
  NamedOptions group_options(size_t group) const override;
  void set_group_options(size_t group, const NamedOptions& options, bool check_only) override;

 private:
  struct Group {
    std::shared_ptr<Options> options;  // a captured step reads them, too, and may outlive these
    std::vector<StepLaunch<Rule>> launches = {};  // one a device and dtype
  };

  StepUpdate prepare(size_t index, const Tensor& gradient, const Options& options);
  /// What is kept for the parameter where it fits, else another; in a capture always the same one.
  Tensor state_for(size_t slot, size_t index, const Tensor& value);
  /// Gives launches the group's parameters that have a gradient.
  void gather(size_t group, std::vector<StepLaunch<Rule>>& launches);
  /// The group's step as part of a CUDA graph.
  void capture(size_t group, const Tensor& skip);

  std::vector<Group> groups_;
  std::vector<std::vector<Tensor>> captured_;  // [slot][parameter]: states that replays fill
};

}  // namespace cuttle
