#include "group_norm.h"

#include "../../autocast.h"
#include "../../autograd/grad_mode.h"
#include "../../dispatch.h"
#include "../arithmetic.h"
#include "../elementwise.h"
#include "../rearrange.h"
#include "../reduce.h"
#include "batch_norm.h"
#include "norm_gradients.h"
#include "row_norm.h"

namespace cuttle {
namespace {

kernels::NormShape grouped(const Tensor& x, int64_t groups) {
  const int64_t n = x.size(0), c = x.size(1);
  return {.outer = n,
          .channels = c,
          .inner = x.numel() / std::max<int64_t>(1, n * c),
          .groups = groups};
}

// One more batch in the running statistics, each of which is an average over N.
void keep_running(const Tensor& input, Tensor running_mean, Tensor running_var, double momentum) {
  const NoGradGuard no_grad;
  const Tensor x = input.detach().flatten(2).to(running_mean.dtype());
  const VarAndMean moments = var_mean(x, {-1});
  running_mean.mul_(1 - momentum).add_(moments.mean.mean(0), momentum);
  running_var.mul_(1 - momentum).add_(moments.var.mean(0), momentum);
}

}  // namespace

Tensor group_norm(const Tensor& input, int64_t num_groups, const Tensor& weight, const Tensor& bias,
                  double eps) {
  if (autocast_raises({&input}))
    return group_norm(autocast_raised(input), num_groups, autocast_raised(weight),
                      autocast_raised(bias), eps);
  (void)norm_compute_dtype("group_norm", input);
  if (input.dim() < 2)
    fail("group_norm: expected an input of shape (N, C, …), got ", input.shape());
  const int64_t c = input.size(1);
  if (num_groups < 1 || c % num_groups != 0)
    fail("group_norm: num_groups must divide the channels, got ", num_groups, " groups and ", c,
         " channels (input ", input.shape(), ")");
  if (input.numel() == num_groups && input.size(0) == 1)
    fail("group_norm: expected more than 1 value per group, got an input of shape ", input.shape(),
         " and ", num_groups, " groups");
  check_norm_operand("group_norm", "the weight", weight, {c}, input);
  check_norm_operand("group_norm", "the bias", bias, {c}, input);
  return row_norm({.op = "group_norm", .shape = grouped(input, num_groups), .eps = eps}, input,
                  weight, bias);
}

Tensor instance_norm(const Tensor& input, const Tensor& running_mean, const Tensor& running_var,
                     const Tensor& weight, const Tensor& bias, bool use_input_stats,
                     double momentum, double eps) {
  (void)norm_compute_dtype("instance_norm", input);
  if (input.dim() < 3)
    fail(
        "instance_norm: expected an input of shape (N, C, …) with at least one more dimension, "
        "got ",
        input.shape());
  const Shape channels{input.size(1)};
  check_norm_operand("instance_norm", "the weight", weight, channels, input);
  check_norm_operand("instance_norm", "the bias", bias, channels, input);
  check_norm_operand("instance_norm", "running_mean", running_mean, channels, input);
  check_norm_operand("instance_norm", "running_var", running_var, channels, input);
  const bool tracks = running_mean.defined();
  if (tracks != running_var.defined())
    fail("instance_norm: running_mean and running_var come together, got one without the other");
  if (!use_input_stats) {
    if (!tracks)
      fail("instance_norm: without use_input_stats it needs running_mean and running_var");
    return batch_norm(input, running_mean, running_var, weight, bias, false, momentum, eps);
  }
  const kernels::NormShape shape = grouped(input, channels[0]);
  if (shape.inner == 1)
    fail("instance_norm: expected more than 1 value per channel, got an input of shape ",
         input.shape());
  const Tensor y =
      row_norm({.op = "instance_norm", .shape = shape, .eps = eps}, input, weight, bias);
  if (tracks && input.numel() > 0) keep_running(input, running_mean, running_var, momentum);
  return y;
}

Tensor local_response_norm(const Tensor& input, int64_t size, double alpha, double beta, double k) {
  (void)norm_compute_dtype("local_response_norm", input);
  if (input.dim() < 3)
    fail(
        "local_response_norm: expected an input of shape (N, C, …) with at least one more "
        "dimension, "
        "got ",
        input.shape());
  if (size < 1) fail("local_response_norm: the size must be at least 1, got ", size);
  if (input.numel() == 0) return input;
  std::vector<int64_t> around(static_cast<size_t>(2 * (input.dim() - 2)), 0);
  around.push_back(size / 2);
  around.push_back((size - 1) / 2);
  const Tensor squares = pad(input * input, around).unfold(1, size, 1).mean(-1);
  return input / (squares * alpha + k).pow(beta);
}

}  // namespace cuttle
