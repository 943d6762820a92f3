// LRScheduler: stepping and state.
#include "scheduler.h"

namespace cuttle {

std::vector<double> PerGroup::of(size_t groups, const std::string& owner, const char* name) const {
  if (!each_) return std::vector<double>(groups, values_.front());
  if (values_.size() != groups)
    fail(owner, ": expected one ", name, " or one for each of the optimizer's ", groups,
         " parameter groups, got ", values_.size());
  return values_;
}

LRScheduler::LRScheduler(std::string name, Optimizer& optimizer)
    : name_(std::move(name)), optimizer_(optimizer) {
  for (size_t group = 0; group < optimizer.group_count(); ++group) {
    base_lrs_.push_back(optimizer.initial_lr(group));
    last_lr_.push_back(optimizer.lr(group));
  }
}

void LRScheduler::start() {
  last_epoch_ = -1;
  step_count_ = 0;
  step();
}

void LRScheduler::step() {
  apply(last_epoch_ + 1, /*in_closed_form=*/false);
}

void LRScheduler::step(int64_t epoch) {
  check_epoch(epoch);
  apply(epoch, /*in_closed_form=*/true);
}

void LRScheduler::check_epoch(int64_t epoch) const {
  if (epoch < 0) fail(name_, ": step expects an epoch of 0 or more, got ", epoch);
}

void LRScheduler::apply(int64_t epoch, bool in_closed_form) {
  if (optimizer_.group_count() != base_lrs_.size())
    fail(name_, ": the optimizer has ", optimizer_.group_count(), " parameter groups, and had ",
         base_lrs_.size(),
         " when the schedule was made; add all groups before you make the schedule");
  last_epoch_ = epoch;
  ++step_count_;
  std::vector<double> lrs;
  for (size_t group = 0; group < base_lrs_.size(); ++group)
    lrs.push_back(in_closed_form ? closed_form_lr(group) : chained_lr(group));
  for (size_t group = 0; group < lrs.size(); ++group) {
    optimizer_.set_lr(lrs[group], group);
    if (const std::optional<double> value = momentum(group))
      optimizer_.set_option(momentum_option(name_, optimizer_), *value, group);
  }
  last_lr_ = std::move(lrs);
}

void LRScheduler::note_step(int64_t epoch) {
  last_epoch_ = epoch;
  ++step_count_;
  for (size_t group = 0; group < last_lr_.size(); ++group) last_lr_[group] = current_lr(group);
}

StateFields LRScheduler::state_fields() {
  StateFields fields;
  add_settings(fields);
  fields.add("base_lrs", &base_lrs_);
  add_last_epoch(fields);
  fields.add("_step_count", &step_count_);
  fields.add_constant("_is_initial", false);
  fields.add_constant("_get_lr_called_within_step", false);
  add_last_lr(fields);
  return fields;
}

Dict LRScheduler::state_dict() const {
  return const_cast<LRScheduler*>(this)->state_fields().save();  // which only reads
}

void LRScheduler::load_state_dict(const Value& state) {
  state_fields().load(name_, state, [this] { check(); });
}

std::string momentum_option(const std::string& owner, const Optimizer& optimizer) {
  for (const char* option : {"momentum", "betas.0"})
    if (optimizer.group_count() == 0 || optimizer.option(option, 0)) return option;
  fail(owner,
       ": the optimizer has no momentum to cycle, neither \"momentum\" nor \"betas\"; set "
       "cycle_momentum to false");
}

}  // namespace cuttle
