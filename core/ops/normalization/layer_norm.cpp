#include "layer_norm.h"

#include <cmath>

#include "../../autocast.h"
#include "norm_gradients.h"
#include "row_norm.h"

namespace cuttle {
namespace {

Tensor over_last_dims(RowNorm norm, const Tensor& input, const Shape& normalized,
                      const Tensor& weight, const Tensor& bias) {
  const std::string_view op = norm.op;
  (void)norm_compute_dtype(op, input);
  if (normalized.empty())
    fail(op, ": normalized_shape must name at least one dimension, such as {",
         input.dim() ? input.size(-1) : 1, "}");
  const int outer = input.dim() - normalized.size();
  if (outer < 0 || !std::equal(normalized.begin(), normalized.end(), input.shape().begin() + outer))
    fail(op, ": the input's last dimensions must be ", normalized, ", got an input of shape ",
         input.shape());
  check_norm_operand(op, "the weight", weight, normalized, input);
  check_norm_operand(op, "the bias", bias, normalized, input);
  norm.shape.channels = normalized.numel();
  norm.shape.outer = 1;
  for (int d = 0; d < outer; ++d) norm.shape.outer *= input.size(d);
  return row_norm(norm, input, weight, bias);
}

/// The distance from 1 to the next number.
double epsilon_of(DType dtype) {
  if (dtype == float16) return 0x1p-10;
  if (dtype == bfloat16) return 0x1p-7;
  return dtype == float32 ? 0x1p-23 : 0x1p-52;
}

}  // namespace

Tensor layer_norm(const Tensor& input, const Shape& normalized_shape, const Tensor& weight,
                  const Tensor& bias, double eps) {
  if (autocast_raises({&input}))
    return layer_norm(autocast_raised(input), normalized_shape, autocast_raised(weight),
                      autocast_raised(bias), eps);
  return over_last_dims({.op = "layer_norm", .shape = {}, .eps = eps}, input, normalized_shape,
                        weight, bias);
}

Tensor rms_norm(const Tensor& input, const Shape& normalized_shape, const Tensor& weight,
                std::optional<double> eps) {
  const auto dtype = [&] { return autocast_raises({&input}) ? float32 : input.dtype(); };
  const double least = eps ? *eps : input.defined() ? epsilon_of(dtype()) : 0;
  return over_last_dims({.op = "rms_norm", .shape = {}, .eps = least, .centred = false}, input,
                        normalized_shape, weight, {});
}

}  // namespace cuttle
