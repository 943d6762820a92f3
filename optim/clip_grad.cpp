#include "clip_grad.h"

#include <cmath>

#include "../core/autograd/grad_mode.h"
#include "../core/creation.h"
#include "../core/dispatch.h"
#include "../core/ops/arithmetic.h"
#include "../core/ops/rearrange.h"
#include "gradient_arrays.h"

namespace cuttle {
namespace {

std::vector<Tensor> gradients_of(const std::vector<Tensor>& parameters) {
  std::vector<Tensor> gradients;
  for (const Tensor& parameter : parameters) gradients.push_back(parameter.grad());
  return gradients;
}

Tensor norm_of(const std::vector<GradientArrays>& sorted, double norm_type) {
  if (sorted.empty()) return zeros({});
  std::vector<Tensor> norms;
  for (const GradientArrays& each : sorted) {
    const Tensor norm = each.norm(norm_type);
    norms.push_back(sorted.size() == 1 ? norm : norm.to(sorted.front().device(), float64));
  }
  if (norms.size() == 1) return norms.front();
  return stack(norms).norm(norm_type).to(sorted.front().dtype());
}

void check_type(std::string_view op, double norm_type) {
  if (!(norm_type > 0)) fail(op, ": norm_type must be above 0, got ", norm_type);
}

}  // namespace

Tensor get_total_norm(const std::vector<Tensor>& tensors, double norm_type) {
  check_type("get_total_norm", norm_type);
  for (const Tensor& each : tensors)
    if (each.defined() && !is_floating_point(each.dtype()))
      fail("get_total_norm: expected floating dtypes, got ", each.dtype(),
           "; convert first, with .to(float32) for example");
  const NoGradGuard no_grad;
  return norm_of(sorted_gradients(tensors), norm_type);
}

TotalNorm clip_grad_norm_(const std::vector<Tensor>& parameters, double max_norm,
                          const ClipGradNormOptions& options) {
  check_type("clip_grad_norm_", options.norm_type);
  if (!(max_norm >= 0)) fail("clip_grad_norm_: max_norm must be 0 or more, got ", max_norm);
  const NoGradGuard no_grad;
  const std::vector<GradientArrays> sorted = sorted_gradients(gradients_of(parameters));
  const Tensor norm = norm_of(sorted, options.norm_type);
  if (options.error_if_nonfinite && !std::isfinite(norm.item()))
    fail("clip_grad_norm_: the gradients' norm of order ", options.norm_type, " is ", norm.item(),
         "; look for what made it so with anomaly mode, or set error_if_nonfinite = false to clip "
         "all "
         "the same");
  const Tensor factor = (max_norm / (norm + 1e-6)).clamp({}, 1);
  for (const GradientArrays& each : sorted) each.scale(factor.to(each.device(), each.dtype()));
  return norm;
}

void clip_grad_value_(const std::vector<Tensor>& parameters, double clip_value) {
  if (!(clip_value >= 0)) fail("clip_grad_value_: clip_value must be 0 or more, got ", clip_value);
  const NoGradGuard no_grad;
  for (Tensor& gradient : gradients_of(parameters))
    if (gradient.defined()) gradient.clamp_(-clip_value, clip_value);
}

}  // namespace cuttle
