// Optimizer: the base of all that update parameters from their gradients. An object of the host: it
// holds handles on parameters and has no device of its own.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "../core/state_dict.h"
#include "../core/tensor.h"
#include "optimizer_slots.h"

namespace cuttle {

/// torch.optim.Optimizer: groups of parameters, each group with options of its own, and the tensors
/// that a method keeps for each parameter. Parameters are numbered through all groups, from 0.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// Updates every parameter that has a gradient; the others are skipped. Records nothing.
  virtual void step() = 0;
  /// The same, unless `skip`, one float32 number, is other than 0. Where it can, it leaves the
  /// reading to the device and waits for nothing; an undefined tensor skips nothing.
  virtual void step_unless(const Tensor& skip);
  /// Removes the gradients of all parameters, or fills them with zeros.
  void zero_grad(bool set_to_none = true);

  /// The learning rate of a group.
  virtual double lr(size_t group = 0) const = 0;
  /// Sets the learning rate of one group, or of all. Throws Error if it is negative.
  virtual void set_lr(double lr, size_t group) = 0;
  void set_lr(double lr);
  /// The learning rate at which schedules begin: what the group's was when it was first asked for,
  /// or what was noted as "initial_lr".
  double initial_lr(size_t group);
  /// What schedules keep in a group, as PyTorch's do, so that it goes with the optimizer's state:
  /// "initial_lr", "max_lr", "min_lr", "max_momentum", "base_momentum", "swa_lr". std::nullopt
  /// where none was noted.
  std::optional<double> noted(const std::string& name, size_t group) const;
  void note(const std::string& name, double value, size_t group);

  /// A group's option by its name in the state_dict ("momentum"); std::nullopt if there is none.
  std::optional<double> option(const std::string& name, size_t group) const;
  /// Sets it. Throws Error if there is none of that name, or for a value that is not allowed.
  void set_option(const std::string& name, double value, size_t group);

  size_t group_count() const noexcept { return group_ends_.size(); }
  /// The parameters of a group.
  std::vector<Tensor> parameters(size_t group) const;

  /// Everything a stopped training needs to go on:
  ///   "param_groups.G.params"   the numbers of group G's parameters (int64)
  ///   "param_groups.G.lr", …    its options, each a float64 scalar; switches are 0 or 1
  ///   "param_groups.G.initial_lr", …  what schedules noted; a state without it leaves what is
  ///   known "state.P.momentum_buffer", …  what was kept for parameter P
  /// The tensors share the optimizer's memory: clone() what is to survive further steps.
  StateDict state_dict() const;
  /// Takes over a state, converted to each parameter's dtype and device. Throws Error, and has
  /// changed nothing, if groups, options or shapes do not fit.
  void load_state_dict(const StateDict& state);

 protected:
  using NamedOptions = std::vector<std::pair<std::string, double>>;

  /// `name` is for messages; `slots` are the tensors kept for each parameter.
  Optimizer(std::string name, std::vector<StateSlot> slots);
  Optimizer(Optimizer&&) noexcept = default;

  /// Appends a group. Throws Error for a parameter that is undefined, not floating-point, the
  /// result of an operation, without requires_grad, or in a group already.
  void add_group(const std::vector<Tensor>& params);
  /// Throws Error if no group has a parameter. For the end of constructors.
  void check_not_empty() const;
  /// Throws Error if there is no such group.
  void check_group(size_t group) const;

  /// Where group G's parameters begin and end in the numbering.
  size_t group_begin(size_t group) const { return group == 0 ? 0 : group_ends_[group - 1]; }
  size_t group_end(size_t group) const { return group_ends_[group]; }
  Tensor& parameter(size_t index) { return params_[index]; }
  /// What is kept for each parameter in a slot; undefined before its first step. A captured step
  /// holds it, too, and may outlive the optimizer.
  using States = std::vector<Tensor>;
  const std::shared_ptr<States>& states(size_t slot) const { return states_[slot]; }
  const std::vector<std::shared_ptr<States>>& all_states() const noexcept { return states_; }

  const std::string& name() const noexcept { return name_; }

  /// A group's options by name, switches as 0 and 1.
  virtual NamedOptions group_options(size_t group) const = 0;
  /// Sets them; throws Error for values that are not allowed. Called for all groups with `check`
  /// alone first: then nothing is set.
  virtual void set_group_options(size_t group, const NamedOptions& options, bool check_only) = 0;

 private:
  using Notes = std::map<std::string, double>;

  /// What a state has for the slot of a parameter; undefined for nothing.
  Tensor loaded_state(const StateDict& dict, size_t slot, size_t index,
                      const std::string& key) const;

  std::string name_;
  std::vector<StateSlot> slots_;
  std::vector<Tensor> params_;                   // of all groups, one after the other
  std::unordered_set<const TensorImpl*> known_;  // the same
  std::vector<size_t> group_ends_;               // a group's end in params_
  std::vector<std::shared_ptr<States>> states_;  // [slot]
  std::vector<Notes> notes_;                     // [group]
};

/// True if the elements of both lie in the same order: same device, dtype and strides.
bool is_laid_out_like(const Tensor& source, const Tensor& target);
/// `source` as an operation on `target`'s elements in memory order needs it, laid out like it.
/// Returned as it is where it fits.
Tensor match_layout(const Tensor& source, const Tensor& target);

}  // namespace cuttle
