// CyclicLR and OneCycleLR.
#include "cyclic.h"

#include <algorithm>

namespace cuttle {
namespace {

/// The optimizer, with the learning rates from which all schedules of it are to count.
Optimizer& at_base_lrs(Optimizer& optimizer, const PerGroup& base_lr) {
  const std::vector<double> lrs = base_lr.of(optimizer.group_count(), "CyclicLR", "base_lr");
  for (size_t group = 0; group < lrs.size(); ++group) optimizer.set_lr(lrs[group], group);
  return optimizer;
}

}  // namespace

CyclicLR::CyclicLR(Optimizer& optimizer, const CyclicLROptions& options)
    : LRScheduler("CyclicLR", at_base_lrs(optimizer, options.base_lr)), options_(options) {
  const size_t groups = optimizer.group_count();
  const int64_t up = options.step_size_up, down = options.step_size_down.value_or(up);
  if (up < 1 || down < 1)
    fail("CyclicLR: step_size_up and step_size_down must be 1 or more, got ", up, " and ", down);
  const std::vector<double> base_lrs = options.base_lr.of(groups, "CyclicLR", "base_lr");
  max_lrs_ = options.max_lr.of(groups, "CyclicLR", "max_lr");
  total_size_ = static_cast<double>(up + down);
  step_ratio_ = static_cast<double>(up) / total_size_;
  if (options.cycle_momentum) {
    momentum_option("CyclicLR", optimizer);
    base_momentums_ = options.base_momentum.of(groups, "CyclicLR", "base_momentum");
    max_momentums_ = options.max_momentum.of(groups, "CyclicLR", "max_momentum");
  }
  if (!options.scale_fn)
    options_.scale_mode = options.mode == CyclicMode::exp_range ? CyclicScaleMode::iterations
                                                                : CyclicScaleMode::cycle;
  set_base_lrs(base_lrs);
  start();
}

double CyclicLR::scale(double x) const {
  if (options_.scale_fn) return options_.scale_fn(x);
  switch (options_.mode) {
    case CyclicMode::triangular2:
      return 1 / std::pow(2., x - 1);
    case CyclicMode::exp_range:
      return std::pow(options_.gamma, x);
    default:
      return 1;
  }
}

double CyclicLR::height() const {
  const auto step = static_cast<double>(last_epoch());
  const double cycle = std::floor(1 + step / total_size_);
  const double x = 1. + step / total_size_ - cycle;
  const double share = x <= step_ratio_ ? x / step_ratio_ : (x - 1) / (step_ratio_ - 1);
  return share * scale(options_.scale_mode == CyclicScaleMode::cycle ? cycle : step);
}

double CyclicLR::chained_lr(size_t group) const {
  return base_lr(group) + (max_lrs_[group] - base_lr(group)) * height();
}

std::optional<double> CyclicLR::momentum(size_t group) const {
  if (!options_.cycle_momentum) return std::nullopt;
  return max_momentums_[group] - (max_momentums_[group] - base_momentums_[group]) * height();
}

OneCycleLR::OneCycleLR(Optimizer& optimizer, const OneCycleLROptions& options)
    : LRScheduler("OneCycleLR", optimizer), options_(options) {
  const bool has_epochs = options.epochs && options.steps_per_epoch;
  if (!options.total_steps && !has_epochs)
    fail("OneCycleLR: set total_steps, or both epochs and steps_per_epoch");
  total_steps_ =
      options.total_steps ? *options.total_steps : *options.epochs * *options.steps_per_epoch;
  if (total_steps_ < 1) fail("OneCycleLR: expected 1 step or more in all, got ", total_steps_);
  if (!(options.pct_start >= 0 && options.pct_start <= 1))
    fail("OneCycleLR: pct_start must be from 0 to 1, got ", options.pct_start);
  if (!(options.div_factor > 0 && options.final_div_factor > 0))
    fail("OneCycleLR: div_factor and final_div_factor must be above 0, got ", options.div_factor,
         " and ", options.final_div_factor);

  const auto total = static_cast<double>(total_steps_);
  const double top = options.pct_start * total - 1;
  phases_ = {{top, initial, highest}, {total - 1, highest, lowest}};
  if (options.three_phase)
    phases_ = {{top, initial, highest},
               {2 * options.pct_start * total - 2, highest, initial},
               {total - 1, initial, lowest}};

  const size_t groups = optimizer.group_count();
  max_lrs_ = options.max_lr.of(groups, "OneCycleLR", "max_lr");
  if (options.cycle_momentum) {
    momentum_option("OneCycleLR", optimizer);
    base_momentums_ = options.base_momentum.of(groups, "OneCycleLR", "base_momentum");
    max_momentums_ = options.max_momentum.of(groups, "OneCycleLR", "max_momentum");
  }
  std::vector<double> initial_lrs;
  for (size_t group = 0; group < groups; ++group) {
    initial_lrs.push_back(max_lrs_[group] / options.div_factor);
    optimizer.set_initial_lr(initial_lrs.back(), group);
  }
  set_base_lrs(initial_lrs);
  start();
}

void OneCycleLR::check_steps(int64_t epoch) const {
  if (epoch > total_steps_)
    fail("OneCycleLR: step ", epoch, " is behind the last of total_steps ", total_steps_,
         "; make that epochs · batches, or a new schedule for further training");
}

void OneCycleLR::step() {
  check_steps(last_epoch() + 1);
  LRScheduler::step();
}

void OneCycleLR::step(int64_t epoch) {
  check_steps(epoch);
  LRScheduler::step(epoch);
}

double OneCycleLR::level(Level level, size_t group) const {
  switch (level) {
    case initial:
      return base_lr(group);
    case highest:
      return max_lrs_[group];
    default:
      return base_lr(group) / options_.final_div_factor;
  }
}

template <class F>
double OneCycleLR::at_step(const F& f) const {
  const auto step = static_cast<double>(last_epoch());
  double begin = 0;
  size_t i = 0;
  for (; i + 1 < phases_.size() && step > phases_[i].end_step; ++i) begin = phases_[i].end_step;
  const double length = phases_[i].end_step - begin;
  return f(phases_[i], length == 0 ? 1 : (step - begin) / length);
}

double OneCycleLR::chained_lr(size_t group) const {
  const double lr = at_step([&](const Phase& phase, double t) {
    return anneal(options_.anneal_strategy, level(phase.begin, group), level(phase.end, group), t);
  });
  return std::max(lr, 0.0);
}

std::optional<double> OneCycleLR::momentum(size_t group) const {
  if (!options_.cycle_momentum) return std::nullopt;
  // The momentum is at its lowest where the learning rate is at its highest.
  const auto momentum_at = [&](Level level) {
    return level == highest ? base_momentums_[group] : max_momentums_[group];
  };
  return at_step([&](const Phase& phase, double t) {
    return anneal(options_.anneal_strategy, momentum_at(phase.begin), momentum_at(phase.end), t);
  });
}

}  // namespace cuttle
