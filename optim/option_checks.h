// Which values the options of an optimizer may have, and which tensors it can step with. For optim
// alone.
#pragma once

#include <string_view>

#include "../core/tensor.h"
#include "../kernels/optimizer_rules.h"

namespace cuttle {

/// Throws Error naming optimizer and option for a value that an option of that name cannot have.
void check_option(std::string_view optimizer, std::string_view name, double value);
/// Nesterov's momentum needs a momentum, undamped.
void check_nesterov(const kernels::SgdOptions& options);
/// Throws Error unless the gradient of parameter `index` has its shape, dtype and device.
void check_gradient(std::string_view optimizer, size_t index, const Tensor& parameter,
                    const Tensor& gradient);
/// Throws Error for a parameter on the CPU, whose step no CUDA graph can hold.
void check_capturable(std::string_view optimizer, const Tensor& parameter);

template <class Rule>
void check_options(const typename Rule::Options& options) {
  Rule::for_each_option(options, [](const char* name, auto value) {
    check_option(Rule::kName, name, static_cast<double>(value));
  });
  if constexpr (std::is_same_v<Rule, kernels::SgdRule>) check_nesterov(options);
}

}  // namespace cuttle
