// Batch normalisation: each channel by the mean and variance that it has over the batch.
#pragma once

#include <optional>

#include "../conv2d_pool.h"

namespace cuttle {

/// What batch_norm is given beside its input; tensors of shape (C), any of which may be undefined.
struct BatchNormArguments {
  Tensor running_mean = {}, running_var = {};
  Tensor weight = {}, bias = {};
  bool training = false;
  /// Of the newest batch in the running statistics; unset: 1 / num_batches_tracked, the average of
  /// all batches.
  std::optional<double> momentum = 0.1;
  double eps = 1e-5;
  Activation activation = Activation::none;
  /// int64, without dimensions: a call in training adds 1.
  Tensor num_batches_tracked = {};
};

/// torch.nn.functional.batch_norm: input (N, C, …), floating;
///   y = (x − mean) / √(var + eps) · weight + bias, channel by channel.
/// Mean and variance are, with `training`, those of the batch, whose gradient flows too, and
///   running_mean ← (1 − momentum) · running_mean + momentum · mean,
/// running_var likewise with the batch's unbiased variance, on the device and in place; else they
/// are the running ones. The result lies as the input does where its channels are outermost or
/// innermost (channels last). float16 and bfloat16 are computed in float32; the other tensors are
/// of the input's dtype, or then float32. (Ioffe and Szegedy, "Batch Normalization", 2015.) Throws
/// Error for fewer than two dimensions, other shapes, a single value per channel in training, and
/// evaluation without running statistics.
Tensor batch_norm(const Tensor& input, const BatchNormArguments& arguments);

/// PyTorch's positional arguments.
Tensor batch_norm(const Tensor& input, const Tensor& running_mean, const Tensor& running_var,
                  const Tensor& weight = {}, const Tensor& bias = {}, bool training = false,
                  double momentum = 0.1, double eps = 1e-5);

/// relu() of that in the same pass. Nothing is kept for the backward but what batch_norm keeps;
/// values and gradients are those of the two operations, to the bit.
Tensor batch_norm_relu(const Tensor& input, const Tensor& running_mean, const Tensor& running_var,
                       const Tensor& weight = {}, const Tensor& bias = {}, bool training = false,
                       double momentum = 0.1, double eps = 1e-5);

}  // namespace cuttle
