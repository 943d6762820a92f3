#include "channel_norm.h"

#include "../../core/creation.h"
#include "../init.h"
#include "../printed_number.h"

namespace cuttle {
namespace {

Shape shape_of(const char* layer, int64_t num_features, const BatchNormOptions& options) {
  if (num_features < 1) fail(layer, ": num_features must be at least 1, got ", num_features);
  if (!(options.eps >= 0)) fail(layer, ": eps cannot be negative, got ", options.eps);
  return {num_features};
}

}  // namespace

ChannelNorm::ChannelNorm(const char* layer, int64_t num_features, const BatchNormOptions& options)
    : weight(register_parameter(
          "weight", options.affine ? ones(shape_of(layer, num_features, options)) : Tensor())),
      bias(register_parameter("bias", options.affine ? zeros({num_features}) : Tensor())),
      running_mean(register_buffer(
          "running_mean",
          options.track_running_stats ? zeros(shape_of(layer, num_features, options)) : Tensor())),
      running_var(register_buffer("running_var",
                                  options.track_running_stats ? ones({num_features}) : Tensor())),
      num_batches_tracked(register_buffer("num_batches_tracked", options.track_running_stats
                                                                     ? zeros({}, {.dtype = int64})
                                                                     : Tensor())),
      num_features_(shape_of(layer, num_features, options)[0]),
      options_(options) {}

void ChannelNorm::reset_parameters() {
  reset_running_stats();
  if (!weight.defined()) return;
  init::ones_(weight);
  init::zeros_(bias);
}

void ChannelNorm::reset_running_stats() {
  if (!running_mean.defined()) return;
  running_mean.zero_();
  running_var.fill_(1);
  num_batches_tracked.zero_();
}

std::string ChannelNorm::extra_repr() const {
  return std::to_string(num_features_) + ", eps=" + printed_number(options_.eps) +
         ", momentum=" + printed_number(options_.momentum) +
         ", affine=" + printed_choice(options_.affine) +
         ", track_running_stats=" + printed_choice(options_.track_running_stats);
}

}  // namespace cuttle
