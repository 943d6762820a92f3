// Schedules by a factor: StepLR, MultiStepLR, ExponentialLR, ConstantLR, LinearLR, PolynomialLR,
// LambdaLR and MultiplicativeLR.
#pragma once

#include <functional>

#include "scheduler.h"

namespace cuttle {

struct StepLROptions {
  int64_t step_size = 0;  // epochs, 1 or more
  double gamma = 0.1;
};

/// torch.optim.lr_scheduler.StepLR: times gamma every step_size epochs.
class StepLR final : public LRScheduler {
 public:
  StepLR(Optimizer& optimizer, const StepLROptions& options);

 private:
  double chained_lr(size_t group) const override;
  double closed_form_lr(size_t group) const override;
  void add_settings(StateFields& fields) override;
  void check() const override;
  StepLROptions options_;
};

struct MultiStepLROptions {
  std::vector<int64_t> milestones = {};  // in any order; one that stands twice counts twice
  double gamma = 0.1;
};

/// torch.optim.lr_scheduler.MultiStepLR: times gamma at each milestone.
class MultiStepLR final : public LRScheduler {
 public:
  MultiStepLR(Optimizer& optimizer, const MultiStepLROptions& options);

 private:
  double chained_lr(size_t group) const override;
  double closed_form_lr(size_t group) const override;
  void add_settings(StateFields& fields) override;
  void check() const override;
  EpochCounts milestones_;
  double gamma_;
};

struct ExponentialLROptions {
  double gamma = 1;
};

/// torch.optim.lr_scheduler.ExponentialLR: times gamma every epoch.
class ExponentialLR final : public LRScheduler {
 public:
  ExponentialLR(Optimizer& optimizer, const ExponentialLROptions& options);

 private:
  double chained_lr(size_t group) const override;
  double closed_form_lr(size_t group) const override;
  void add_settings(StateFields& fields) override;
  void check() const override;
  ExponentialLROptions options_;
};

struct ConstantLROptions {
  double factor = 1.0 / 3;  // above 0 and at most 1
  int64_t total_iters = 5;
};

/// torch.optim.lr_scheduler.ConstantLR: times factor until epoch total_iters, then as it was.
class ConstantLR final : public LRScheduler {
 public:
  explicit ConstantLR(Optimizer& optimizer, const ConstantLROptions& options = {});

 private:
  double chained_lr(size_t group) const override;
  double closed_form_lr(size_t group) const override;
  void add_settings(StateFields& fields) override;
  void check() const override;
  ConstantLROptions options_;
};

struct LinearLROptions {
  double start_factor = 1.0 / 3;  // above 0 and at most 1
  double end_factor = 1;          // from 0 to 1
  int64_t total_iters = 5;        // 1 or more
};

/// torch.optim.lr_scheduler.LinearLR: times a factor that goes in a line from start_factor to
/// end_factor within total_iters epochs; the usual warm-up.
class LinearLR final : public LRScheduler {
 public:
  explicit LinearLR(Optimizer& optimizer, const LinearLROptions& options = {});

 private:
  double chained_lr(size_t group) const override;
  double closed_form_lr(size_t group) const override;
  void add_settings(StateFields& fields) override;
  void check() const override;
  LinearLROptions options_;
};

struct PolynomialLROptions {
  int64_t total_iters = 5;  // 1 or more
  double power = 1;
};

/// torch.optim.lr_scheduler.PolynomialLR: times (1 − epoch / total_iters)^power, 0 from then on.
class PolynomialLR final : public LRScheduler {
 public:
  explicit PolynomialLR(Optimizer& optimizer, const PolynomialLROptions& options = {});

 private:
  double chained_lr(size_t group) const override;
  double closed_form_lr(size_t group) const override;
  void add_settings(StateFields& fields) override;
  void check() const override;
  PolynomialLROptions options_;
};

/// The factor of an epoch. It is not part of a state: a schedule keeps the one it was made with.
using LRLambda = std::function<double(int64_t epoch)>;

/// torch.optim.lr_scheduler.LambdaLR: the initial learning rate times lr_lambda(epoch). With a
/// list, a function for each group; throws Error for a list of another length.
class LambdaLR final : public LRScheduler {
 public:
  LambdaLR(Optimizer& optimizer, LRLambda lr_lambda);
  LambdaLR(Optimizer& optimizer, std::vector<LRLambda> lr_lambdas);

 private:
  double chained_lr(size_t group) const override;
  void add_settings(StateFields& fields) override;
  std::vector<LRLambda> lr_lambdas_;
};

/// torch.optim.lr_scheduler.MultiplicativeLR: the current learning rate times lr_lambda(epoch) in
/// each epoch after 0.
class MultiplicativeLR final : public LRScheduler {
 public:
  MultiplicativeLR(Optimizer& optimizer, LRLambda lr_lambda);
  MultiplicativeLR(Optimizer& optimizer, std::vector<LRLambda> lr_lambdas);

 private:
  double chained_lr(size_t group) const override;
  void add_settings(StateFields& fields) override;
  std::vector<LRLambda> lr_lambdas_;
};

}  // namespace cuttle
