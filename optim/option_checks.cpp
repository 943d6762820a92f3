#include "option_checks.h"

#include "../kernels/error.h"

namespace cuttle {

void check_option(std::string_view optimizer, std::string_view name, double value) {
  if (name == "dampening") return;
  if (name.starts_with("betas")) {
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

}  // namespace cuttle
