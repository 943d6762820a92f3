// CyclicLR and OneCycleLR.
#include "cyclic.h"

#include <algorithm>

#include "../../core/text.h"

namespace cuttle {
namespace {

/// The optimizer, with the learning rates from which all schedules of it are to count.
Optimizer& at_base_lrs(Optimizer& optimizer, const PerGroup& base_lr) {
  const std::vector<double> lrs = base_lr.of(optimizer.group_count(), "CyclicLR", "base_lr");
  for (size_t group = 0; group < lrs.size(); ++group) optimizer.set_lr(lrs[group], group);
  return optimizer;
}

/// Whether the momentum that is cycled is the first of "betas", as states have it.
bool uses_beta1(const char* owner, const Optimizer& optimizer) {
  return momentum_option(owner, optimizer) != "momentum";
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
  base_momentums_ = options.base_momentum.of(groups, "CyclicLR", "base_momentum");
  max_momentums_ = options.max_momentum.of(groups, "CyclicLR", "max_momentum");
  if (!options.scale_fn)
    options_.scale_mode = options.mode == CyclicMode::exp_range ? CyclicScaleMode::iterations
                                                                : CyclicScaleMode::cycle;
  set_base_lrs(base_lrs);
  check();
  start();
}

void CyclicLR::add_settings(StateFields& fields) {
  fields.add("max_lrs", &max_lrs_);
  fields.add("total_size", &total_size_);
  fields.add("step_ratio", &step_ratio_);
  fields.add("mode", &options_.mode, {"triangular", "triangular2", "exp_range"});
  fields.add("gamma", &options_.gamma);
  fields.add("scale_mode", &options_.scale_mode, {"cycle", "iterations"});
  fields.add("cycle_momentum", &options_.cycle_momentum);
  fields.add_optional("base_momentums", &base_momentums_);
  fields.add_optional("max_momentums", &max_momentums_);
  if (options_.cycle_momentum) fields.add_constant("use_beta1", uses_beta1("CyclicLR", target()));
  fields.add_constant("_scale_fn_custom", {});
}

void CyclicLR::check() const {
  if (!(total_size_ > 0 && step_ratio_ > 0 && step_ratio_ < 1))
    fail("CyclicLR: total_size must be above 0, step_ratio between 0 and 1, got ", total_size_,
         " and ", step_ratio_);
  if (options_.cycle_momentum) momentum_option("CyclicLR", target());
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
    : LRScheduler("OneCycleLR", optimizer),
      anneal_strategy_(options.anneal_strategy),
      cycle_momentum_(options.cycle_momentum) {
  const bool has_epochs = options.epochs && options.steps_per_epoch;
  if (!options.total_steps && !has_epochs)
    fail("OneCycleLR: set total_steps, or both epochs and steps_per_epoch");
  total_steps_ =
      options.total_steps ? *options.total_steps : *options.epochs * *options.steps_per_epoch;
  check();
  if (!(options.pct_start >= 0 && options.pct_start <= 1))
    fail("OneCycleLR: pct_start must be from 0 to 1, got ", options.pct_start);
  if (!(options.div_factor > 0 && options.final_div_factor > 0))
    fail("OneCycleLR: div_factor and final_div_factor must be above 0, got ", options.div_factor,
         " and ", options.final_div_factor);

  // The momentum is at its lowest where the learning rate is at its highest.
  const auto total = static_cast<double>(total_steps_);
  const double top = options.pct_start * total - 1;
  phases_ = {{top, "initial_lr", "max_lr", "max_momentum", "base_momentum"},
             {total - 1, "max_lr", "min_lr", "base_momentum", "max_momentum"}};
  if (options.three_phase)
    phases_ = {{top, "initial_lr", "max_lr", "max_momentum", "base_momentum"},
               {2 * options.pct_start * total - 2, "max_lr", "initial_lr", "base_momentum",
                "max_momentum"},
               {total - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum"}};

  const size_t groups = optimizer.group_count();
  const auto each = [&](const PerGroup& option, const char* name) {
    return option.of(groups, "OneCycleLR", name);
  };
  const std::vector<double> max_lrs = each(options.max_lr, "max_lr");
  const std::vector<double> base_momentums = each(options.base_momentum, "base_momentum");
  const std::vector<double> max_momentums = each(options.max_momentum, "max_momentum");
  std::vector<double> initial_lrs;
  for (size_t group = 0; group < groups; ++group) {
    initial_lrs.push_back(max_lrs[group] / options.div_factor);
    optimizer.note("initial_lr", initial_lrs.back(), group);
    optimizer.note("max_lr", max_lrs[group], group);
    optimizer.note("min_lr", initial_lrs.back() / options.final_div_factor, group);
    if (!cycle_momentum_) continue;
    optimizer.note("base_momentum", base_momentums[group], group);
    optimizer.note("max_momentum", max_momentums[group], group);
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

double OneCycleLR::noted(const std::string& name, size_t group) const {
  if (const std::optional<double> value = target().noted(name, group)) return *value;
  fail("OneCycleLR: the optimizer's parameter group ", group, " has no ", in_quotes(name),
       "; load the state of the optimizer that the schedule was saved with, too");
}

double OneCycleLR::at_step(std::string Phase::*start, std::string Phase::*end, size_t group) const {
  const auto step = static_cast<double>(last_epoch());
  double begin = 0;
  size_t i = 0;
  for (; i + 1 < phases_.size() && step > phases_[i].end_step; ++i) begin = phases_[i].end_step;
  const Phase& phase = phases_[i];
  const double length = phase.end_step - begin;
  return anneal(anneal_strategy_, noted(phase.*start, group), noted(phase.*end, group),
                length == 0 ? 1 : (step - begin) / length);
}

double OneCycleLR::chained_lr(size_t group) const {
  return std::max(at_step(&Phase::start_lr, &Phase::end_lr, group), 0.0);
}

std::optional<double> OneCycleLR::momentum(size_t group) const {
  if (!cycle_momentum_) return std::nullopt;
  return at_step(&Phase::start_momentum, &Phase::end_momentum, group);
}

void OneCycleLR::add_settings(StateFields& fields) {
  fields.add("total_steps", &total_steps_);
  fields.add(
      "_schedule_phases", [this] { return saved_phases(); },
      [this](const Value& phases) { load_phases(phases); });
  fields.add_optional("_anneal_func_type", &anneal_strategy_, kAnnealStrategies);
  fields.add("cycle_momentum", &cycle_momentum_);
  if (cycle_momentum_) fields.add_constant("use_beta1", uses_beta1("OneCycleLR", target()));
}

Value OneCycleLR::saved_phases() const {
  Value::List phases;
  for (const Phase& phase : phases_)
    phases.emplace_back(Dict{{"end_step", phase.end_step},
                             {"start_lr", phase.start_lr},
                             {"end_lr", phase.end_lr},
                             {"start_momentum", phase.start_momentum},
                             {"end_momentum", phase.end_momentum}});
  return phases;
}

void OneCycleLR::load_phases(const Value& phases) {
  std::vector<Phase> loaded;
  for (const Value& phase : phases.items())
    loaded.push_back({phase["end_step"].to_double(), phase["start_lr"].to_string(),
                      phase["end_lr"].to_string(), phase["start_momentum"].to_string(),
                      phase["end_momentum"].to_string()});
  if (loaded.empty()) fail("expected one phase or more, got an empty list");
  phases_ = std::move(loaded);
}

void OneCycleLR::check() const {
  if (total_steps_ < 1) fail("OneCycleLR: expected 1 step or more in all, got ", total_steps_);
  if (cycle_momentum_) momentum_option("OneCycleLR", target());
}

}  // namespace cuttle
