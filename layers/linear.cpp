// Linear: parameters, and the call of the operation.
#include "linear.h"

#include "../core/creation.h"
#include "../core/ops/linear.h"
#include "init.h"

namespace cuttle {
namespace {

Shape weight_shape(int64_t in_features, int64_t out_features) {
  if (in_features < 0 || out_features < 0)
    fail("Linear: in_features and out_features cannot be negative, got ", in_features, " and ",
         out_features);
  return {out_features, in_features};
}

}  // namespace

Linear::Linear(int64_t in_features, int64_t out_features, const LinearOptions& options)
    : weight(register_parameter("weight", empty(weight_shape(in_features, out_features)))),
      bias(register_parameter("bias", options.bias ? empty({out_features}) : Tensor())) {
  constructed_from<Linear>(in_features, out_features, options);
  reset_parameters();
}

Tensor Linear::forward(const Tensor& input) {
  return linear(input, weight, bias);
}

std::string Linear::extra_repr() const {
  return "in_features=" + std::to_string(weight.size(1)) +
         ", out_features=" + std::to_string(weight.size(0)) +
         ", bias=" + (bias.defined() ? "True" : "False");
}

void Linear::reset_parameters() {
  init::default_weight_and_bias_(weight, bias);
}

}  // namespace cuttle
