// Schedules of schedules: SequentialLR, one after the other, and ChainedScheduler, all at once.
#pragma once

#include <functional>

#include "scheduler.h"

namespace cuttle {

/// Schedules of one optimizer, which have to outlive what they are combined in.
using LRSchedulers = std::vector<std::reference_wrapper<LRScheduler>>;

/// What SequentialLR and ChainedScheduler share. Their state has those of their parts as a list,
/// "_schedulers", and "_last_lr".
class CombinedScheduler : public LRScheduler {
 protected:
  /// Throws Error for a schedule of another optimizer.
  CombinedScheduler(const char* name, Optimizer& optimizer, LRSchedulers schedulers);

  double chained_lr(size_t group) const override { return current_lr(group); }
  StateFields state_fields() override;
  void check() const override;
  /// The optimizer of the first; throws Error, naming `name`, for no schedule.
  static Optimizer& optimizer_of(const char* name, const LRSchedulers& schedulers);
  void take_back_part(size_t i) { part(i).take_back(); }
  void start_part(size_t i) { part(i).start(); }
  LRScheduler& part(size_t i) const { return schedulers_[i]; }
  size_t count() const { return schedulers_.size(); }

 private:
  Value states_of_parts() const;
  void take_states_of_parts(const Value& states);

  LRSchedulers schedulers_;
};

/// torch.optim.lr_scheduler.SequentialLR: the first schedule until epoch milestones[0], then the
/// second from its epoch 0 on, and so forth. A warm-up before a decay:
///
///     LinearLR warm_up(optimizer, {.start_factor = 0.1, .total_iters = 5});
///     CosineAnnealingLR decay(optimizer, {.T_max = 95});
///     SequentialLR schedule(optimizer, {warm_up, decay}, {5});
class SequentialLR final : public CombinedScheduler {
 public:
  /// Throws Error unless there is one milestone less than schedules, and they rise.
  SequentialLR(Optimizer& optimizer, LRSchedulers schedulers, std::vector<int64_t> milestones);

  void step() override;
  void step(int64_t epoch) override;

 private:
  void take_back() override;
  void add_settings(StateFields& fields) override;
  void check() const override;
  /// Which schedule's turn it is at an epoch.
  size_t turn(int64_t epoch) const;
  std::vector<int64_t> milestones_;
};

/// torch.optim.lr_scheduler.ChainedScheduler: each step takes a step of every schedule.
class ChainedScheduler final : public CombinedScheduler {
 public:
  explicit ChainedScheduler(LRSchedulers schedulers);

  void step() override;
  void step(int64_t epoch) override;

 private:
  void take_back() override;
};

}  // namespace cuttle
