// ChannelNorm: what BatchNorm and InstanceNorm hold, parameters and running statistics of channels.
#pragma once

#include <optional>

#include "../module.h"

namespace cuttle {

struct BatchNormOptions {
  double eps = 1e-5;
  std::optional<double> momentum = 0.1;  // unset: running statistics are averages of all batches
  bool affine = true;
  bool track_running_stats = true;
};

/// The base of the layers BatchNorm and InstanceNorm. weight starts as ones,
/// bias as zeros, both undefined without `affine`; running_mean as zeros, running_var as ones and
/// num_batches_tracked (int64, no dimensions) as 0, buffers, undefined without track_running_stats.
class ChannelNorm : public Module {
 public:
  std::string extra_repr() const override;
  /// Sets the parameters and running statistics to their initial values.
  void reset_parameters();
  void reset_running_stats();
  /// How much a batch counts in the running statistics from now on; unset: they become averages of
  /// all batches since the last reset_running_stats().
  void set_momentum(std::optional<double> momentum) { options_.momentum = momentum; }

  int64_t num_features() const noexcept { return num_features_; }
  const BatchNormOptions& options() const noexcept { return options_; }

  Parameter& weight;
  Parameter& bias;
  Tensor& running_mean;
  Tensor& running_var;
  Tensor& num_batches_tracked;

 protected:
  /// Throws Error, naming `layer`, for num_features below 1 and a negative eps.
  ChannelNorm(const char* layer, int64_t num_features, const BatchNormOptions& options);

  /// Whether the statistics are those of the input.
  bool uses_input_stats() const { return is_training() || !running_mean.defined(); }
  /// The running statistics that forward is to use: none in training without tracking.
  bool uses_running_stats() const { return !is_training() || options_.track_running_stats; }

 private:
  int64_t num_features_;
  BatchNormOptions options_;
};

}  // namespace cuttle
