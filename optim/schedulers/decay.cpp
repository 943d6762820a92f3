// Schedules by a factor: each formula as a step from the current learning rate, and in closed form.
#include "decay.h"

#include <algorithm>
#include <cmath>

namespace cuttle {
namespace {

void check_positive(const char* owner, const char* option, int64_t value) {
  if (value < 1) fail(owner, ": ", option, " must be 1 or more, got ", value);
}

/// 0 is refused where a step divides by the factor.
void check_factor(const char* owner, const char* option, double value, bool zero_allowed) {
  if (!(value <= 1 && (zero_allowed ? value >= 0 : value > 0)))
    fail(owner, ": ", option, " must be ", zero_allowed ? "from 0 to 1" : "above 0 and at most 1",
         ", got ", value);
}

void check_not_negative(const char* owner, const char* option, double value) {
  if (!(value >= 0)) fail(owner, ": ", option, " must be 0 or more, got ", value);
}

std::vector<LRLambda> checked(const char* owner, std::vector<LRLambda> lambdas, size_t groups) {
  if (lambdas.size() != groups)
    fail(owner, ": expected one lr_lambda or one for each of the optimizer's ", groups,
         " parameter groups, got ", lambdas.size());
  for (size_t i = 0; i < lambdas.size(); ++i)
    if (!lambdas[i]) fail(owner, ": lr_lambda ", i, " is an empty function");
  return lambdas;
}

/// What a state has for functions.
Value no_functions(size_t count) {
  return Value::List(count);
}

}  // namespace

StepLR::StepLR(Optimizer& optimizer, const StepLROptions& options)
    : LRScheduler("StepLR", optimizer), options_(options) {
  check();
  start();
}

void StepLR::check() const {
  check_positive("StepLR", "step_size", options_.step_size);
  check_not_negative("StepLR", "gamma", options_.gamma);
}

void StepLR::add_settings(StateFields& fields) {
  fields.add("step_size", &options_.step_size);
  fields.add("gamma", &options_.gamma);
}

double StepLR::chained_lr(size_t group) const {
  const bool at_step = last_epoch() != 0 && last_epoch() % options_.step_size == 0;
  return current_lr(group) * (at_step ? options_.gamma : 1);
}

double StepLR::closed_form_lr(size_t group) const {
  return base_lr(group) *
         std::pow(options_.gamma, static_cast<double>(last_epoch() / options_.step_size));
}

MultiStepLR::MultiStepLR(Optimizer& optimizer, const MultiStepLROptions& options)
    : LRScheduler("MultiStepLR", optimizer), gamma_(options.gamma) {
  for (const int64_t epoch : options.milestones) ++milestones_[epoch];
  check();
  start();
}

void MultiStepLR::check() const {
  check_not_negative("MultiStepLR", "gamma", gamma_);
}

void MultiStepLR::add_settings(StateFields& fields) {
  fields.add("milestones", &milestones_);
  fields.add("gamma", &gamma_);
}

double MultiStepLR::chained_lr(size_t group) const {
  const auto milestone = milestones_.find(last_epoch());
  const int64_t times = milestone == milestones_.end() ? 0 : milestone->second;
  return current_lr(group) * std::pow(gamma_, static_cast<double>(times));
}

double MultiStepLR::closed_form_lr(size_t group) const {
  double passed = 0;
  for (const auto& [epoch, times] : milestones_)
    if (epoch <= last_epoch()) passed += static_cast<double>(times);
  return base_lr(group) * std::pow(gamma_, passed);
}

ExponentialLR::ExponentialLR(Optimizer& optimizer, const ExponentialLROptions& options)
    : LRScheduler("ExponentialLR", optimizer), options_(options) {
  check();
  start();
}

void ExponentialLR::check() const {
  check_not_negative("ExponentialLR", "gamma", options_.gamma);
}

void ExponentialLR::add_settings(StateFields& fields) {
  fields.add("gamma", &options_.gamma);
}

double ExponentialLR::chained_lr(size_t group) const {
  return current_lr(group) * (last_epoch() == 0 ? 1 : options_.gamma);
}

double ExponentialLR::closed_form_lr(size_t group) const {
  return base_lr(group) * std::pow(options_.gamma, static_cast<double>(last_epoch()));
}

ConstantLR::ConstantLR(Optimizer& optimizer, const ConstantLROptions& options)
    : LRScheduler("ConstantLR", optimizer), options_(options) {
  check();
  start();
}

void ConstantLR::check() const {
  check_factor("ConstantLR", "factor", options_.factor, /*zero_allowed=*/false);
}

void ConstantLR::add_settings(StateFields& fields) {
  fields.add("factor", &options_.factor);
  fields.add("total_iters", &options_.total_iters);
}

double ConstantLR::chained_lr(size_t group) const {
  if (last_epoch() == 0) return current_lr(group) * options_.factor;
  if (last_epoch() == options_.total_iters) return current_lr(group) * (1.0 / options_.factor);
  return current_lr(group);
}

double ConstantLR::closed_form_lr(size_t group) const {
  const double back = last_epoch() >= options_.total_iters ? 1 - options_.factor : 0;
  return base_lr(group) * (options_.factor + back);
}

LinearLR::LinearLR(Optimizer& optimizer, const LinearLROptions& options)
    : LRScheduler("LinearLR", optimizer), options_(options) {
  check();
  start();
}

void LinearLR::check() const {
  check_factor("LinearLR", "start_factor", options_.start_factor, /*zero_allowed=*/false);
  check_factor("LinearLR", "end_factor", options_.end_factor, /*zero_allowed=*/true);
  check_positive("LinearLR", "total_iters", options_.total_iters);
}

void LinearLR::add_settings(StateFields& fields) {
  fields.add("start_factor", &options_.start_factor);
  fields.add("end_factor", &options_.end_factor);
  fields.add("total_iters", &options_.total_iters);
}

double LinearLR::chained_lr(size_t group) const {
  const auto& [start, end, total] = options_;
  if (last_epoch() == 0) return current_lr(group) * start;
  if (last_epoch() > total) return current_lr(group);
  const double before = static_cast<double>(total) * start +
                        static_cast<double>(last_epoch() - 1) * (end - start);  // factor · total
  return current_lr(group) * (1. + (end - start) / before);
}

double LinearLR::closed_form_lr(size_t group) const {
  const auto& [start, end, total] = options_;
  const auto done = static_cast<double>(std::min(total, last_epoch()));
  return base_lr(group) * (start + (end - start) * done / static_cast<double>(total));
}

PolynomialLR::PolynomialLR(Optimizer& optimizer, const PolynomialLROptions& options)
    : LRScheduler("PolynomialLR", optimizer), options_(options) {
  check();
  start();
}

void PolynomialLR::check() const {
  check_positive("PolynomialLR", "total_iters", options_.total_iters);
  check_not_negative("PolynomialLR", "power", options_.power);
}

void PolynomialLR::add_settings(StateFields& fields) {
  fields.add("total_iters", &options_.total_iters);
  fields.add("power", &options_.power);
}

double PolynomialLR::chained_lr(size_t group) const {
  if (last_epoch() == 0 || last_epoch() > options_.total_iters) return current_lr(group);
  const auto total = static_cast<double>(options_.total_iters);
  const auto epoch = static_cast<double>(last_epoch());
  return current_lr(group) *
         std::pow((1.0 - epoch / total) / (1.0 - (epoch - 1) / total), options_.power);
}

double PolynomialLR::closed_form_lr(size_t group) const {
  const auto total = static_cast<double>(options_.total_iters);
  const auto epoch = static_cast<double>(std::min(options_.total_iters, last_epoch()));
  return base_lr(group) * std::pow(1.0 - epoch / total, options_.power);
}

LambdaLR::LambdaLR(Optimizer& optimizer, LRLambda lr_lambda)
    : LambdaLR(optimizer, std::vector<LRLambda>(optimizer.group_count(), std::move(lr_lambda))) {}

LambdaLR::LambdaLR(Optimizer& optimizer, std::vector<LRLambda> lr_lambdas)
    : LRScheduler("LambdaLR", optimizer),
      lr_lambdas_(checked("LambdaLR", std::move(lr_lambdas), optimizer.group_count())) {
  start();
}

void LambdaLR::add_settings(StateFields& fields) {
  fields.add_constant("lr_lambdas", no_functions(lr_lambdas_.size()));
}

double LambdaLR::chained_lr(size_t group) const {
  return base_lr(group) * lr_lambdas_[group](last_epoch());
}

MultiplicativeLR::MultiplicativeLR(Optimizer& optimizer, LRLambda lr_lambda)
    : MultiplicativeLR(optimizer,
                       std::vector<LRLambda>(optimizer.group_count(), std::move(lr_lambda))) {}

MultiplicativeLR::MultiplicativeLR(Optimizer& optimizer, std::vector<LRLambda> lr_lambdas)
    : LRScheduler("MultiplicativeLR", optimizer),
      lr_lambdas_(checked("MultiplicativeLR", std::move(lr_lambdas), optimizer.group_count())) {
  start();
}

void MultiplicativeLR::add_settings(StateFields& fields) {
  fields.add_constant("lr_lambdas", no_functions(lr_lambdas_.size()));
}

double MultiplicativeLR::chained_lr(size_t group) const {
  return current_lr(group) * (last_epoch() > 0 ? lr_lambdas_[group](last_epoch()) : 1);
}

}  // namespace cuttle
