#include "batch_norm.h"

namespace cuttle {

Tensor BatchNorm::run(const Tensor& input, Activation activation) {
  if (input.defined()) {
    check_dims(input);
    if (input.size(1) != num_features())
      fail("batch_norm: expected ", num_features(), " channels, got ", input.size(1), " (input ",
           input.shape(), ")");
  }
  const bool running = uses_running_stats();
  return batch_norm(input, BatchNormArguments{.running_mean = running ? running_mean : Tensor(),
                                              .running_var = running ? running_var : Tensor(),
                                              .weight = weight,
                                              .bias = bias,
                                              .training = uses_input_stats(),
                                              .momentum = options().momentum,
                                              .eps = options().eps,
                                              .activation = activation,
                                              .num_batches_tracked = num_batches_tracked});
}

void BatchNorm1d::check_dims(const Tensor& input) const {
  if (input.dim() != 2 && input.dim() != 3)
    fail("batch_norm: BatchNorm1d takes an input of shape (N, C) or (N, C, L), got ", input.shape(),
         input.dim() == 4 ? "; images take BatchNorm2d" : "");
}

void BatchNorm2d::check_dims(const Tensor& input) const {
  if (input.dim() != 4)
    fail("batch_norm: BatchNorm2d takes an input of shape (N, C, H, W), got ", input.shape(),
         input.dim() == 3 ? "; a single image needs .unsqueeze(0)" : "");
}

void BatchNorm3d::check_dims(const Tensor& input) const {
  if (input.dim() != 5)
    fail("batch_norm: BatchNorm3d takes an input of shape (N, C, D, H, W), got ", input.shape());
}

}  // namespace cuttle
