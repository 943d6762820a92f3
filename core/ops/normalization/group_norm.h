// Normalisation of groups of channels, and of single ones, image by image; and by neighbouring
// channels.
#pragma once

#include "../../tensor.h"

namespace cuttle {

/// torch.nn.functional.group_norm: input (N, C, …), whose channels make num_groups of neighbours;
///   y = (x − mean) / √(var + eps) · weight + bias,
/// mean and biased variance those of a group in one of the N; weight and bias (C) or undefined. (Wu
/// and He, "Group Normalization", 2018.) float16 and bfloat16 are computed in float32. Throws Error
/// where num_groups does not divide C, where a group has a single value and N is 1, and where
/// shapes do not fit.
Tensor group_norm(const Tensor& input, int64_t num_groups, const Tensor& weight = {},
                  const Tensor& bias = {}, double eps = 1e-5);

/// torch.nn.functional.instance_norm: group_norm of single channels, input (N, C, …) with at least
/// three dimensions. Where running statistics are given they get, averaged over N,
///   running ← (1 − momentum) · running + momentum · (mean, or unbiased variance);
/// without use_input_stats they are what is normalised by. (Ulyanov, Vedaldi and Lempitsky,
/// "Instance Normalization", 2016.) Throws Error for a single value per channel.
Tensor instance_norm(const Tensor& input, const Tensor& running_mean = {},
                     const Tensor& running_var = {}, const Tensor& weight = {},
                     const Tensor& bias = {}, bool use_input_stats = true, double momentum = 0.1,
                     double eps = 1e-5);

/// torch.nn.functional.local_response_norm: input (N, C, …) with at least three dimensions;
///   y = x / (k + alpha · mean of the squares of `size` neighbouring channels) ^ beta,
/// channels beyond the first and last counting as 0. (Krizhevsky, Sutskever and Hinton, "ImageNet
/// classification with deep convolutional neural networks", 2012.) Throws Error for a size below 1.
Tensor local_response_norm(const Tensor& input, int64_t size, double alpha = 1e-4,
                           double beta = 0.75, double k = 1);

}  // namespace cuttle
