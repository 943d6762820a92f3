#include "layer_norm.h"

#include "../../core/creation.h"
#include "../../core/ops/normalization/layer_norm.h"
#include "../init.h"
#include "../printed_number.h"

namespace cuttle {
namespace {

const Shape& checked(const char* layer, const Shape& shape) {
  if (shape.empty()) fail(layer, ": normalized_shape must name at least one dimension");
  for (const int64_t size : shape)
    if (size < 0) fail(layer, ": normalized_shape cannot be negative, got ", shape);
  return shape;
}

/// As a Python tuple: "(4,)", "(3, 4)".
std::string tuple_of(const Shape& shape) {
  std::string text;
  for (const int64_t size : shape) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "(" + text + (shape.size() == 1 ? ",)" : ")");
}

}  // namespace

LayerNorm::LayerNorm(const Shape& normalized_shape, const LayerNormOptions& options)
    : weight(register_parameter("weight", options.elementwise_affine
                                              ? ones(checked("LayerNorm", normalized_shape))
                                              : Tensor())),
      bias(register_parameter(
          "bias", options.elementwise_affine && options.bias ? zeros(normalized_shape) : Tensor())),
      normalized_shape_(checked("LayerNorm", normalized_shape)),
      eps_(options.eps) {
  constructed_from<LayerNorm>(normalized_shape, options);
}

Tensor LayerNorm::forward(const Tensor& input) {
  return layer_norm(input, normalized_shape_, weight, bias, eps_);
}

std::string LayerNorm::extra_repr() const {
  return tuple_of(normalized_shape_) + ", eps=" + printed_number(eps_) +
         ", elementwise_affine=" + printed_choice(weight.defined());
}

void LayerNorm::reset_parameters() {
  if (weight.defined()) init::ones_(weight);
  if (bias.defined()) init::zeros_(bias);
}

RMSNorm::RMSNorm(const Shape& normalized_shape, const RMSNormOptions& options)
    : weight(register_parameter("weight", options.elementwise_affine
                                              ? ones(checked("RMSNorm", normalized_shape))
                                              : Tensor())),
      normalized_shape_(checked("RMSNorm", normalized_shape)),
      eps_(options.eps) {
  constructed_from<RMSNorm>(normalized_shape, options);
}

Tensor RMSNorm::forward(const Tensor& input) {
  return rms_norm(input, normalized_shape_, weight, eps_);
}

std::string RMSNorm::extra_repr() const {
  return tuple_of(normalized_shape_) + ", eps=" + printed_number(eps_) +
         ", elementwise_affine=" + printed_choice(weight.defined());
}

void RMSNorm::reset_parameters() {
  if (weight.defined()) init::ones_(weight);
}

}  // namespace cuttle
