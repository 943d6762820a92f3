#include "option_checks.h"

#include <cmath>

#include "../kernels/error.h"

namespace cuttle {

void check_option(std::string_view optimizer, std::string_view name, double value) {
  if (name == "dampening" || name.starts_with("ns_coefficients")) return;
  if (name == "ns_steps") {
    if (!(value >= 0 && value < 100 && value == std::floor(value)))
      fail(optimizer, ": ns_steps must be a whole number from 0 to 99, got ", value);
  } else if (name == "adjust_lr_fn") {
    if (value != 0 && value != 1 && value != 2)
      fail(optimizer, ": adjust_lr_fn must be 0 (original), 1 (match_rms_adamw) or ",
           "2 (spectral_unclamped), got ", value);
  } else if (name.starts_with("betas")) {
    if (!(value >= 0 && value < 1))
      fail(optimizer, ": both betas must be 0 or more and below 1, got ", value);
  } else if (name == "rho") {
    if (!(value >= 0 && value <= 1)) fail(optimizer, ": rho must be from 0 to 1, got ", value);
  } else if (!(value >= 0)) {
    fail(optimizer, ": ", name, " must be 0 or more, got ", value);
  }
}

void check_nesterov(const kernels::SgdOptions& options) {
  if (options.nesterov && (options.momentum <= 0 || options.dampening != 0))
    fail("SGD: nesterov needs a momentum above 0 and a dampening of 0, got momentum ",
         options.momentum, " and dampening ", options.dampening);
}

void check_gradient(std::string_view optimizer, size_t index, const Tensor& parameter,
                    const Tensor& gradient) {
  if (gradient.shape() != parameter.shape() || gradient.dtype() != parameter.dtype() ||
      gradient.device() != parameter.device())
    fail(optimizer, ": the gradient of parameter ", index, " is ", gradient.dtype(), " ",
         gradient.shape(), " on ", gradient.device(), ", the parameter ", parameter.dtype(), " ",
         parameter.shape(), " on ", parameter.device(),
         "; call zero_grad() after the change and backward() again");
}

void check_capturable(std::string_view optimizer, const Tensor& parameter) {
  if (parameter.is_cpu())
    fail(optimizer,
         ": the step of parameters on the CPU cannot be captured into a CUDA graph, for the ",
         "host computes it; leave them to an optimizer of their own");
}

}  // namespace cuttle
