// SGD: stochastic gradient descent with momentum, Nesterov momentum and weight decay.
#pragma once

#include <memory>
#include <type_traits>
#include <vector>

#include "../kernels/sgd.h"
#include "optimizer.h"
#include "sgd_launch.h"

namespace cuttle {

/// lr, momentum, dampening, weight_decay, nesterov, maximize, with PyTorch's meaning and defaults.
using SGDOptions = kernels::SgdOptions;

/// torch.optim.SGD. For a parameter p with gradient g (negated with maximize), each step does
///   g ← g + weight_decay · p
///   b ← g on the first step, then momentum · b + (1 − dampening) · g     (where momentum ≠ 0)
///   g ← g + momentum · b with nesterov, else b
///   p ← p − lr · g
/// The momentum buffer b is made at a parameter's first step and follows the parameter to another
/// device or dtype. All parameters of one group, device and dtype are updated in one launch.
///
/// A step that was captured into a CUDA graph (core/cuda_graph.h) follows the options, and the
/// state that load_state_dict brings; a first step may be captured as well.
class SGD : public Optimizer {
 public:
  struct ParamGroup {
    std::vector<Tensor> params;
    SGDOptions options = {};
  };

  /// Throws Error for no parameters, parameters that cannot be optimized (see
  /// Optimizer::add_group), negative lr, momentum or weight_decay, and nesterov without momentum or
  /// with dampening.
  explicit SGD(const std::vector<Tensor>& params, const SGDOptions& options = {});
  /// SGD(model.parameters(), 0.01).
  template <class T>
  requires std::is_arithmetic_v<T> SGD(const std::vector<Tensor>& params, T lr)
      : SGD(params, SGDOptions{.lr = static_cast<double>(lr)}) {}
  /// SGD({{encoder.parameters(), {.lr = 0.001}}, {head.parameters(), {.lr = 0.1}}}).
  explicit SGD(const std::vector<ParamGroup>& groups);

  void add_param_group(const ParamGroup& group);

  void step() override;

  using Optimizer::set_lr;
  double lr(size_t group = 0) const override { return options(group).lr; }
  void set_lr(double lr, size_t group) override;
  /// A group's options; what is changed counts from the next step on, which checks it.
  SGDOptions& options(size_t group = 0);
  const SGDOptions& options(size_t group = 0) const;

 protected:
  Options group_options(size_t group) const override;
  void set_group_options(size_t group, const Options& options, bool check_only) override;

 private:
  struct Group {
    std::shared_ptr<SGDOptions> options;   // a captured step reads them, too, and may outlive these
    std::vector<SgdLaunch> launches = {};  // one a device and dtype
  };

  SgdUpdate prepare(size_t index, const SGDOptions& options);
  /// What is kept for the parameter where it fits, else another; in a capture always the same one.
  Tensor buffer_for(size_t index, const Tensor& value);
  /// Gives launches the group's parameters that have a gradient.
  void gather(size_t group, std::vector<SgdLaunch>& launches);
  /// The group's step as part of a CUDA graph.
  void capture(size_t group);

  std::vector<Group> groups_;
  std::vector<Tensor> captured_buffers_;  // momentum's, filled by replays; by parameter
};

}  // namespace cuttle
