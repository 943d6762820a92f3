#include "instance_norm.h"

#include "../../core/ops/normalization/group_norm.h"

namespace cuttle {

InstanceNorm::InstanceNorm(const char* layer, int unbatched_dims, int64_t num_features,
                           const InstanceNormOptions& options)
    : ChannelNorm(layer, num_features,
                  {.eps = options.eps,
                   .momentum = options.momentum,
                   .affine = options.affine,
                   .track_running_stats = options.track_running_stats}),
      unbatched_dims_(unbatched_dims) {}

Tensor InstanceNorm::forward(const Tensor& input) {
  const int dims = input.dim();
  if (dims != unbatched_dims_ && dims != unbatched_dims_ + 1) {
    const char* const places = unbatched_dims_ == 2   ? "L)"
                               : unbatched_dims_ == 3 ? "H, W)"
                                                      : "D, H, W)";
    fail("instance_norm: ", type_name(), " takes an input of shape (N, C, ", places, " or (C, ",
         places, ", got ", input.shape());
  }
  if (dims == unbatched_dims_) return forward(input.unsqueeze(0)).squeeze(0);
  const bool sized = weight.defined() || running_mean.defined();
  if (sized && input.size(1) != num_features())
    fail("instance_norm: expected ", num_features(), " channels, got ", input.size(1), " (input ",
         input.shape(), ")");
  return instance_norm(input, running_mean, running_var, weight, bias, uses_input_stats(),
                       options().momentum.value_or(0), options().eps);
}

}  // namespace cuttle
