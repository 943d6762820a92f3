// Schedules along a cosine.
#include "cosine.h"

#include <algorithm>

namespace cuttle {
namespace {

/// (1 + cos(π · t)) / 2: from 1 at t = 0 to 0 at t = 1.
double half_wave(double t) {
  return (1 + std::cos(std::numbers::pi * t)) / 2;
}

}  // namespace

CosineAnnealingLR::CosineAnnealingLR(Optimizer& optimizer, const CosineAnnealingLROptions& options)
    : LRScheduler("CosineAnnealingLR", optimizer), options_(options) {
  check();
  start();
}

void CosineAnnealingLR::check() const {
  if (options_.T_max < 1) fail("CosineAnnealingLR: T_max must be 1 or more, got ", options_.T_max);
}

void CosineAnnealingLR::add_settings(StateFields& fields) {
  fields.add("T_max", &options_.T_max);
  fields.add("eta_min", &options_.eta_min);
}

double CosineAnnealingLR::chained_lr(size_t group) const {
  const auto& [T_max, eta_min] = options_;
  if (last_epoch() == 0) return current_lr(group);
  const auto t_max = static_cast<double>(T_max);
  const auto epoch = static_cast<double>(last_epoch());
  // At the bottom the current learning rate has forgotten where it came from.
  if ((last_epoch() - 1 - T_max) % (2 * T_max) == 0)
    return current_lr(group) + (base_lr(group) - eta_min) * (1 - half_wave(1 / t_max));
  return half_wave(epoch / t_max) / half_wave((epoch - 1) / t_max) * (current_lr(group) - eta_min) +
         eta_min;
}

double CosineAnnealingLR::closed_form_lr(size_t group) const {
  const double t = static_cast<double>(last_epoch()) / static_cast<double>(options_.T_max);
  return options_.eta_min + (base_lr(group) - options_.eta_min) * half_wave(t);
}

CosineAnnealingWarmRestarts::CosineAnnealingWarmRestarts(
    Optimizer& optimizer, const CosineAnnealingWarmRestartsOptions& options)
    : LRScheduler("CosineAnnealingWarmRestarts", optimizer), options_(options) {
  t_i_ = options.T_0;
  check();
  start();
}

void CosineAnnealingWarmRestarts::check() const {
  const auto check_option = [](const char* option, int64_t value) {
    if (value < 1) fail("CosineAnnealingWarmRestarts: ", option, " must be 1 or more, got ", value);
  };
  check_option("T_0", options_.T_0);
  check_option("T_mult", options_.T_mult);
  check_option("T_i", t_i_);
}

void CosineAnnealingWarmRestarts::add_settings(StateFields& fields) {
  fields.add("T_0", &options_.T_0);
  fields.add("T_i", &t_i_);
  fields.add("T_mult", &options_.T_mult);
  fields.add("eta_min", &options_.eta_min);
  fields.add("T_cur", &t_cur_);
}

void CosineAnnealingWarmRestarts::step() {
  if (last_epoch() < 0) return step(0.0);
  t_cur_ += 1;
  if (t_cur_ >= static_cast<double>(t_i_)) {
    t_cur_ -= static_cast<double>(t_i_);
    t_i_ *= options_.T_mult;
  }
  apply(last_epoch() + 1, /*in_closed_form=*/false);
}

void CosineAnnealingWarmRestarts::step(double epoch) {
  if (!(epoch >= 0))
    fail("CosineAnnealingWarmRestarts: step expects an epoch of 0 or more, got ", epoch);
  t_i_ = options_.T_0;
  t_cur_ = epoch;
  if (options_.T_mult == 1) t_cur_ = std::fmod(epoch, static_cast<double>(t_i_));
  while (t_cur_ >= static_cast<double>(t_i_)) {
    t_cur_ -= static_cast<double>(t_i_);
    t_i_ *= options_.T_mult;
  }
  apply(static_cast<int64_t>(std::floor(epoch)), /*in_closed_form=*/false);
}

double CosineAnnealingWarmRestarts::chained_lr(size_t group) const {
  const double t = t_cur_ / static_cast<double>(t_i_);
  return options_.eta_min + (base_lr(group) - options_.eta_min) * half_wave(t);
}

SWALR::SWALR(Optimizer& optimizer, const SWALROptions& options)
    : LRScheduler("SWALR", optimizer), options_(options) {
  const std::vector<double> swa_lrs = options.swa_lr.of(optimizer.group_count(), "SWALR", "swa_lr");
  for (const double lr : swa_lrs)
    if (!(lr >= 0)) fail("SWALR: swa_lr must be 0 or more, got ", lr);
  check();
  for (size_t group = 0; group < swa_lrs.size(); ++group)
    optimizer.note("swa_lr", swa_lrs[group], group);
  start();
}

void SWALR::check() const {
  if (options_.anneal_epochs < 0)
    fail("SWALR: anneal_epochs must be 0 or more, got ", options_.anneal_epochs);
}

void SWALR::add_settings(StateFields& fields) {
  fields.add("anneal_epochs", &options_.anneal_epochs);
  fields.add_optional("_anneal_strategy", &options_.anneal_strategy, kAnnealStrategies);
}

double SWALR::share(int64_t steps) const {
  const auto epochs = static_cast<double>(std::max<int64_t>(1, options_.anneal_epochs));
  const double t = std::clamp(static_cast<double>(steps) / epochs, 0.0, 1.0);
  return anneal(options_.anneal_strategy, 0, 1, t);
}

double SWALR::chained_lr(size_t group) const {
  int64_t steps = step_count() - 1;
  if (options_.anneal_epochs == 0) steps = std::max<int64_t>(1, steps);
  const double before = share(steps - 1), now = share(steps);
  const double swa_lr = target().noted("swa_lr", group).value();
  // Where the way began, from where it has come to.
  const double begin = before == 1 ? swa_lr : (current_lr(group) - before * swa_lr) / (1 - before);
  return swa_lr * now + begin * (1 - now);
}

}  // namespace cuttle
