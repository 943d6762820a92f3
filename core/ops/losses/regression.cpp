#include "regression.h"

#include <cmath>
#include <numbers>

#include "../../dispatch.h"
#include "../arithmetic.h"
#include "../reduce.h"
#include "pointwise_loss.h"

namespace cuttle {

using kernels::PointwiseLoss;

namespace {

// The variance in a shape that broadcasts to the input's.
Tensor variance_for(const Tensor& input, const Tensor& var) {
  if (var.is_cpu() && is_floating_point(var.dtype()) && any(var.detach() < 0).item<bool>())
    fail("gaussian_nll_loss: a variance is negative; make it positive, with .exp() for example");
  if (var.shape() == input.shape()) return var;
  Shape shared = input.shape();  // one for each row
  if (input.dim() > 0) shared[input.dim() - 1] = 1;
  if (var.shape() == shared) return var;
  if (input.dim() > 0 && var.dim() == input.dim() - 1 && var.unsqueeze(-1).shape() == shared)
    return var.unsqueeze(-1);
  fail("gaussian_nll_loss: expected a variance of shape ", input.shape(), " or ", shared, ", got ",
       var.shape());
}

}  // namespace

Tensor l1_loss(const Tensor& input, const Tensor& target, LossReduction reduction) {
  warn_of_sizes("l1_loss", input, target);
  return pointwise_loss("l1_loss", PointwiseLoss::l1, {input, target}, {}, reduction);
}

Tensor mse_loss(const Tensor& input, const Tensor& target, LossReduction reduction) {
  warn_of_sizes("mse_loss", input, target);
  return pointwise_loss("mse_loss", PointwiseLoss::mse, {input, target}, {}, reduction);
}

Tensor smooth_l1_loss(const Tensor& input, const Tensor& target,
                      const SmoothL1LossOptions& options) {
  if (!(options.beta >= 0)) fail("smooth_l1_loss: beta must be at least 0, got ", options.beta);
  warn_of_sizes("smooth_l1_loss", input, target);
  const PointwiseLoss op = options.beta == 0 ? PointwiseLoss::l1 : PointwiseLoss::smooth_l1;
  return pointwise_loss("smooth_l1_loss", op, {input, target}, {options.beta}, options.reduction);
}

Tensor huber_loss(const Tensor& input, const Tensor& target, const HuberLossOptions& options) {
  if (!(options.delta > 0)) fail("huber_loss: delta must be greater than 0, got ", options.delta);
  warn_of_sizes("huber_loss", input, target);
  return pointwise_loss("huber_loss", PointwiseLoss::huber, {input, target}, {options.delta},
                        options.reduction);
}

Tensor poisson_nll_loss(const Tensor& input, const Tensor& target,
                        const PoissonNLLLossOptions& options) {
  const PointwiseLoss op =
      options.log_input
          ? (options.full ? PointwiseLoss::poisson_nll_log_full : PointwiseLoss::poisson_nll_log)
          : (options.full ? PointwiseLoss::poisson_nll_full : PointwiseLoss::poisson_nll);
  return pointwise_loss("poisson_nll_loss", op, {input, target}, {options.eps}, options.reduction);
}

Tensor gaussian_nll_loss(const Tensor& input, const Tensor& target, const Tensor& var,
                         const GaussianNLLLossOptions& options) {
  const std::string_view name = "gaussian_nll_loss";
  check_defined(name, input);
  check_defined(name, var);
  if (!(options.eps > 0)) fail(name, ": eps must be greater than 0, got ", options.eps);
  warn_of_sizes(name, input, target);
  return pointwise_loss(
      name, PointwiseLoss::gaussian_nll, {input, target, variance_for(input, var)},
      {options.eps, options.full ? 0.5 * std::log(2 * std::numbers::pi) : 0}, options.reduction);
}

}  // namespace cuttle
