// Schedules along a cosine: CosineAnnealingLR, CosineAnnealingWarmRestarts, and SWALR, which
// anneals to a constant.
#pragma once

#include "annealing.h"
#include "scheduler.h"

namespace cuttle {

struct CosineAnnealingLROptions {
  int64_t T_max = 0;  // epochs, 1 or more
  double eta_min = 0;
};

/// torch.optim.lr_scheduler.CosineAnnealingLR (Loshchilov and Hutter 2017, "SGDR", without
/// restarts): eta_min + (base − eta_min) · (1 + cos(π · epoch / T_max)) / 2, as a step from the
/// current learning rate.
class CosineAnnealingLR final : public LRScheduler {
 public:
  CosineAnnealingLR(Optimizer& optimizer, const CosineAnnealingLROptions& options);

 private:
  double chained_lr(size_t group) const override;
  double closed_form_lr(size_t group) const override;
  void add_settings(StateFields& fields) override;
  void check() const override;
  CosineAnnealingLROptions options_;
};

struct CosineAnnealingWarmRestartsOptions {
  int64_t T_0 = 0;     // epochs of the first cycle, 1 or more
  int64_t T_mult = 1;  // each cycle is so many times as long as the one before
  double eta_min = 0;
};

/// torch.optim.lr_scheduler.CosineAnnealingWarmRestarts (the same paper, with restarts). Its state
/// has "T_cur" and "T_i": the epochs since the last restart, and between restarts.
class CosineAnnealingWarmRestarts final : public LRScheduler {
 public:
  CosineAnnealingWarmRestarts(Optimizer& optimizer,
                              const CosineAnnealingWarmRestartsOptions& options);

  void step() override;
  void step(int64_t epoch) override { step(static_cast<double>(epoch)); }
  /// A part of an epoch is allowed: step(epoch + batch / double(batches)) after each batch.
  void step(double epoch);

 private:
  double chained_lr(size_t group) const override;
  void add_settings(StateFields& fields) override;
  void check() const override;
  CosineAnnealingWarmRestartsOptions options_;
  double t_cur_ = 0;
  int64_t t_i_ = 0;
};

struct SWALROptions {
  PerGroup swa_lr = 0.05;
  int64_t anneal_epochs = 10;
  AnnealStrategy anneal_strategy = AnnealStrategy::cos;
};

/// torch.optim.swa_utils.SWALR: goes within anneal_epochs from the current learning rate to swa_lr,
/// and stays there. The optimizer keeps swa_lr (Optimizer::noted).
class SWALR final : public LRScheduler {
 public:
  explicit SWALR(Optimizer& optimizer, const SWALROptions& options = {});

 private:
  double chained_lr(size_t group) const override;
  /// How far the way is gone after so many steps, from 0 to 1.
  double share(int64_t steps) const;
  void add_settings(StateFields& fields) override;
  void check() const override;
  SWALROptions options_;
};

}  // namespace cuttle
