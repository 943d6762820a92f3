// ReduceLROnPlateau.
#include "reduce_lr_on_plateau.h"

#include <algorithm>
#include <limits>

namespace cuttle {
namespace {

double worst(PlateauMode mode) {
  return std::numeric_limits<double>::infinity() * (mode == PlateauMode::min ? 1 : -1);
}

}  // namespace

ReduceLROnPlateau::ReduceLROnPlateau(Optimizer& optimizer, const ReduceLROnPlateauOptions& options)
    : optimizer_(optimizer),
      options_(options),
      default_min_lr_(options.min_lr.common()),
      min_lrs_(options.min_lr.of(optimizer.group_count(), "ReduceLROnPlateau", "min_lr")),
      best_(worst(options.mode)) {
  check();
  for (size_t group = 0; group < optimizer.group_count(); ++group)
    last_lr_.push_back(optimizer.lr(group));
}

void ReduceLROnPlateau::check() const {
  if (!(options_.factor >= 0 && options_.factor < 1))
    fail("ReduceLROnPlateau: factor must be 0 or more and below 1, got ", options_.factor);
}

bool ReduceLROnPlateau::is_better(double value) const {
  const double threshold =
      options_.mode == PlateauMode::min ? -options_.threshold : options_.threshold;
  const double bound =
      options_.threshold_mode == ThresholdMode::rel ? best_ * (1. + threshold) : best_ + threshold;
  return options_.mode == PlateauMode::min ? value < bound : value > bound;
}

void ReduceLROnPlateau::step(double metrics) {
  ++last_epoch_;
  if (is_better(metrics)) {
    best_ = metrics;
    num_bad_epochs_ = 0;
  } else {
    ++num_bad_epochs_;
  }
  if (cooldown_counter_ > 0) {
    --cooldown_counter_;
    num_bad_epochs_ = 0;
  }
  if (num_bad_epochs_ > options_.patience) {
    reduce();
    cooldown_counter_ = options_.cooldown;
    num_bad_epochs_ = 0;
  }
  for (size_t group = 0; group < last_lr_.size(); ++group) last_lr_[group] = optimizer_.lr(group);
}

void ReduceLROnPlateau::reduce() {
  for (size_t group = 0; group < min_lrs_.size(); ++group) {
    const double lr = optimizer_.lr(group);
    const double reduced = std::max(lr * options_.factor, min_lrs_[group]);
    if (lr - reduced > options_.eps) optimizer_.set_lr(reduced, group);
  }
}

StateFields ReduceLROnPlateau::state_fields() {
  StateFields fields;
  fields.add("factor", &options_.factor);
  fields.add("min_lrs", &min_lrs_);
  fields.add_optional(
      "default_min_lr", [this] { return default_min_lr_; },
      [this](const Value& value) { default_min_lr_ = value; });
  fields.add("patience", &options_.patience);
  fields.add("cooldown", &options_.cooldown);
  fields.add("eps", &options_.eps);
  fields.add("last_epoch", &last_epoch_);
  fields.add_optional("_last_lr", &last_lr_);  // PyTorch 1 has it from the first step on
  fields.add("mode", &options_.mode, {"min", "max"});
  fields.add_constant("mode_worse", worst(options_.mode));
  fields.add("threshold", &options_.threshold);
  fields.add("threshold_mode", &options_.threshold_mode, {"rel", "abs"});
  fields.add("best", &best_);
  fields.add("cooldown_counter", &cooldown_counter_);
  fields.add("num_bad_epochs", &num_bad_epochs_);
  return fields;
}

Dict ReduceLROnPlateau::state_dict() const {
  return const_cast<ReduceLROnPlateau*>(this)->state_fields().save();  // which only reads
}

void ReduceLROnPlateau::load_state_dict(const Value& state) {
  state_fields().load("ReduceLROnPlateau", state, [this] { check(); });
}

}  // namespace cuttle
