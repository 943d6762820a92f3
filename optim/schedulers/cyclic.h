// Schedules that raise and lower the learning rate, and the momentum against it: CyclicLR and
// OneCycleLR.
#pragma once

#include <functional>

#include "annealing.h"
#include "scheduler.h"

namespace cuttle {

enum class CyclicMode { triangular, triangular2, exp_range };
enum class CyclicScaleMode { cycle, iterations };

struct CyclicLROptions {
  PerGroup base_lr = 0.001;
  PerGroup max_lr = 0.006;
  int64_t step_size_up = 2000;                  // steps, 1 or more
  std::optional<int64_t> step_size_down = {};   // unset: as many
  CyclicMode mode = CyclicMode::triangular;     // equal cycles, halved ones, or by gamma^step
  double gamma = 1;                             // of exp_range
  std::function<double(double)> scale_fn = {};  // replaces mode: the height of a cycle …
  CyclicScaleMode scale_mode = CyclicScaleMode::cycle;  // … by its number from 1, or by the step
  bool cycle_momentum = true;
  PerGroup base_momentum = 0.8;
  PerGroup max_momentum = 0.9;
};

/// torch.optim.lr_scheduler.CyclicLR (Smith 2017, "Cyclical Learning Rates for Training Neural
/// Networks"): up and down in lines between base_lr and max_lr; step() after each batch. The
/// momentum ("momentum", or the first of "betas") goes from max_momentum to base_momentum and back;
/// throws Error if the optimizer has none, and for sizes below 1.
class CyclicLR final : public LRScheduler {
 public:
  CyclicLR(Optimizer& optimizer, const CyclicLROptions& options);

 private:
  double chained_lr(size_t group) const override;
  std::optional<double> momentum(size_t group) const override;
  /// The share of the way between the ends at which this step is, with the cycle's height.
  double height() const;
  double scale(double cycle) const;
  void add_settings(StateFields& fields) override;
  void check() const override;
  CyclicLROptions options_;
  double total_size_ = 0;  // the steps of a cycle
  double step_ratio_ = 0;  // the share of them that go up
  std::vector<double> max_lrs_, base_momentums_, max_momentums_;
};

struct OneCycleLROptions {
  PerGroup max_lr = 0.1;
  std::optional<int64_t> total_steps = {};  // or epochs and steps_per_epoch
  std::optional<int64_t> epochs = {};
  std::optional<int64_t> steps_per_epoch = {};
  double pct_start = 0.3;  // the share of the steps that raise the learning rate
  AnnealStrategy anneal_strategy = AnnealStrategy::cos;
  bool cycle_momentum = true;
  PerGroup base_momentum = 0.85;
  PerGroup max_momentum = 0.95;
  double div_factor = 25;         // initial_lr = max_lr / div_factor
  double final_div_factor = 1e4;  // the last = initial_lr / final_div_factor
  bool three_phase = false;       // down to initial_lr as fast as it went up, then to the last
};

/// torch.optim.lr_scheduler.OneCycleLR (Smith and Topin 2018, "Super-Convergence"): from initial_lr
/// up to max_lr and down to almost nothing, the momentum against it; step() after each batch, at
/// most total_steps times, else it throws Error. After the last step the learning rate stays at 0
/// or more. The optimizer keeps the ends of learning rate and momentum (Optimizer::noted).
class OneCycleLR final : public LRScheduler {
 public:
  OneCycleLR(Optimizer& optimizer, const OneCycleLROptions& options);

  void step() override;
  void step(int64_t epoch) override;
  int64_t total_steps() const noexcept { return total_steps_; }

 private:
  /// A part of the way: its last step, and what the optimizer notes for where it begins and ends.
  struct Phase {
    double end_step;
    std::string start_lr, end_lr, start_momentum, end_momentum;
  };
  double chained_lr(size_t group) const override;
  std::optional<double> momentum(size_t group) const override;
  void add_settings(StateFields& fields) override;
  void check() const override;
  void check_steps(int64_t epoch) const;
  Value saved_phases() const;
  void load_phases(const Value& phases);
  double noted(const std::string& name, size_t group) const;
  /// The learning rate's or the momentum's way at this step, between the ends that are given.
  double at_step(std::string Phase::*start, std::string Phase::*end, size_t group) const;

  AnnealStrategy anneal_strategy_;
  bool cycle_momentum_;
  int64_t total_steps_ = 0;
  std::vector<Phase> phases_;
};

}  // namespace cuttle
