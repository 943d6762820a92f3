// ReduceLROnPlateau: lowers the learning rate where a measure no longer improves.
#pragma once

#include "scheduler.h"

namespace cuttle {

enum class PlateauMode { min, max };
enum class ThresholdMode { rel, abs };

struct ReduceLROnPlateauOptions {
  PlateauMode mode = PlateauMode::min;                // whether less is better
  double factor = 0.1;                                // below 1
  int64_t patience = 10;                              // epochs without improvement that are borne
  double threshold = 1e-4;                            // what counts as an improvement …
  ThresholdMode threshold_mode = ThresholdMode::rel;  // … as a share of the best, or as it is
  int64_t cooldown = 0;                               // epochs after a reduction that do not count
  PerGroup min_lr = 0.0;
  double eps = 1e-8;  // smaller changes are not made
};

/// torch.optim.lr_scheduler.ReduceLROnPlateau.
class ReduceLROnPlateau {
 public:
  /// Throws Error for a factor that is negative or not below 1.
  explicit ReduceLROnPlateau(Optimizer& optimizer, const ReduceLROnPlateauOptions& options = {});
  ReduceLROnPlateau(const ReduceLROnPlateau&) = delete;
  ReduceLROnPlateau& operator=(const ReduceLROnPlateau&) = delete;

  /// After each epoch, with its measure. A NaN is no improvement.
  void step(double metrics);
  /// The same with a tensor of one element, for which it waits.
  void step(const Tensor& metrics) { step(metrics.item()); }

  const std::vector<double>& get_last_lr() const noexcept { return last_lr_; }
  int64_t last_epoch() const noexcept { return last_epoch_; }
  /// Both as LRScheduler's.
  Dict state_dict() const;
  void load_state_dict(const Value& state);

 private:
  bool is_better(double value) const;
  void reduce();
  void check() const;
  StateFields state_fields();

  Optimizer& optimizer_;
  ReduceLROnPlateauOptions options_;
  Value default_min_lr_;  // where all are the same: a part of the state alone
  std::vector<double> min_lrs_, last_lr_;
  double best_;
  int64_t last_epoch_ = 0;
  int64_t num_bad_epochs_ = 0;
  int64_t cooldown_counter_ = 0;
};

}  // namespace cuttle
