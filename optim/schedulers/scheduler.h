// LRScheduler: the base of all schedules of learning rates. Objects of the host that write an
// optimizer's options, so that captured steps follow them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "../optimizer.h"
#include "state_fields.h"

namespace cuttle {

/// One number for all parameter groups, or one for each.
class PerGroup {
 public:
  PerGroup(double value) : values_{value} {}
  PerGroup(std::vector<double> values) : values_(std::move(values)), each_(true) {}

  /// One for each of so many groups. Throws Error, naming the schedule and the option, for a list
  /// of another length.
  std::vector<double> of(size_t groups, const std::string& owner, const char* name) const;
  /// The number for all groups, None where each has its own.
  Value common() const { return each_ ? Value() : Value(values_.front()); }

 private:
  std::vector<double> values_;
  bool each_ = false;
};

/// torch.optim.lr_scheduler.LRScheduler. Making a schedule sets the learning rates of epoch 0; each
/// step() goes to the next epoch. Schedules of one optimizer can be used together: all count from
/// the learning rates that were there before the first was made (Optimizer::initial_lr), and most
/// step from the current ones. Call optimizer.step() first, then scheduler.step().
///
/// A schedule refers to its optimizer, which has to outlive it in its place. When a stopped
/// training goes on, make the optimizer and the schedule, then load the states of both.
class LRScheduler {
 public:
  virtual ~LRScheduler() = default;
  LRScheduler(const LRScheduler&) = delete;
  LRScheduler& operator=(const LRScheduler&) = delete;

  /// Goes to the next epoch; the new learning rates come from the current ones where the formula
  /// allows it, so that changes by others survive.
  virtual void step();
  /// Goes to an epoch from 0 on; where the formula allows it, by the closed form, which forgets the
  /// current learning rates.
  virtual void step(int64_t epoch);

  /// What the last step set, a number for each group.
  const std::vector<double>& get_last_lr() const noexcept { return last_lr_; }
  int64_t last_epoch() const noexcept { return last_epoch_; }
  const Optimizer& optimizer() const noexcept { return optimizer_; }

  /// What PyTorch's has, by its names: the kind's settings, "base_lrs", "last_epoch", "_last_lr", …
  /// Functions are not part of it.
  Dict state_dict() const;
  /// Takes over such a state, PyTorch's own too, and its settings. Throws Error, and has changed
  /// nothing, for another kind's, for settings that are not allowed, and where the number of
  /// parameter groups differs. The optimizer's learning rates, and what some schedules keep there
  /// (Optimizer::noted), come with its own state.
  void load_state_dict(const Value& state);

 protected:
  /// `name` is for messages.
  LRScheduler(std::string name, Optimizer& optimizer);

  /// The learning rate of a group at last_epoch() from the current one.
  virtual double chained_lr(size_t group) const = 0;
  /// The same from base_lr() alone.
  virtual double closed_form_lr(size_t group) const { return chained_lr(group); }
  /// The momentum that belongs to it; std::nullopt leaves it.
  virtual std::optional<double> momentum(size_t) const { return std::nullopt; }
  /// The kind's settings, for the state.
  virtual void add_settings(StateFields&) {}
  /// Throws Error for settings that are not allowed.
  virtual void check() const {}
  /// All of the state.
  virtual StateFields state_fields();
  /// Takes back the step that the constructor made, for a schedule whose turn comes later.
  virtual void take_back() { --last_epoch_; }
  /// Sets the learning rates of epoch 0. For the end of constructors.
  void start();

  void check_epoch(int64_t epoch) const;
  /// Makes `epoch` the current one and sets its learning rates and momenta.
  void apply(int64_t epoch, bool in_closed_form);
  /// After a step whose learning rates others have set.
  void note_step(int64_t epoch);

  Optimizer& target() const noexcept { return optimizer_; }
  const std::string& name() const noexcept { return name_; }
  double current_lr(size_t group) const { return optimizer_.lr(group); }
  double base_lr(size_t group) const { return base_lrs_[group]; }
  int64_t step_count() const noexcept { return step_count_; }
  void set_base_lrs(std::vector<double> lrs) { base_lrs_ = std::move(lrs); }
  void set_last_epoch(int64_t epoch) { last_epoch_ = epoch; }
  /// The field that all kinds have.
  void add_last_lr(StateFields& fields) { fields.add_optional("_last_lr", &last_lr_); }
  void add_last_epoch(StateFields& fields) { fields.add("last_epoch", &last_epoch_); }

 private:
  friend class CombinedScheduler;  // steps others, and keeps their state with its own

  std::string name_;
  Optimizer& optimizer_;
  std::vector<double> base_lrs_;
  std::vector<double> last_lr_;
  int64_t last_epoch_ = -1;
  int64_t step_count_ = 0;
};

/// The option of an optimizer that is its momentum: "momentum", or the first of "betas". Throws
/// Error, naming the schedule, if it has neither.
std::string momentum_option(const std::string& owner, const Optimizer& optimizer);

}  // namespace cuttle
