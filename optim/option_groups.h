// OptionGroups: groups of parameters with options each, as all optimizers have them.
#pragma once

#include <memory>
#include <type_traits>
#include <vector>

#include "optimizer.h"

namespace cuttle {

/// `Rule` has the method's name, the struct of its options, and walks through them by name.
template <class Rule>
class OptionGroups : public Optimizer {
 public:
  using Options = typename Rule::Options;
  struct ParamGroup {
    std::vector<Tensor> params;
    Options options = {};
  };

  void add_param_group(const ParamGroup& group);

  using Optimizer::set_lr;
  double lr(size_t group = 0) const override { return options(group).lr; }
  void set_lr(double lr, size_t group) override;
  /// A group's options; what is changed counts from the next step on, which checks it.
  Options& options(size_t group = 0);
  const Options& options(size_t group = 0) const;

 protected:
  /// Throws Error for no parameters, parameters that cannot be optimized (see
  /// Optimizer::add_group), and options out of their range.
  OptionGroups(const std::vector<ParamGroup>& groups, std::vector<StateSlot> slots);

  NamedOptions group_options(size_t group) const override;
  void set_group_options(size_t group, const NamedOptions& options, bool check_only) override;
  /// Throws Error if a group's options are out of their range.
  void check_all_options() const;
  /// A captured step reads them, too, and may outlive the optimizer.
  const std::shared_ptr<Options>& shared_options(size_t group) const { return options_[group]; }

 private:
  std::vector<std::shared_ptr<Options>> options_;  // [group]
};

}  // namespace cuttle
