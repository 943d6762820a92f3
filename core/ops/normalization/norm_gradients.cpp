#include "norm_gradients.h"

#include "../../dispatch.h"
#include "../arithmetic.h"
#include "../binary.h"

namespace cuttle {

void check_norm_operand(std::string_view op, const char* name, const Tensor& tensor,
                        const Shape& shape, const Tensor& input) {
  if (!tensor.defined()) return;
  check_same_device(op, {&input, &tensor});
  if (element_size(input.dtype()) > 2 || tensor.dtype() != float32)
    check_same_dtype(op, {&input, &tensor});
  if (tensor.shape() != shape)
    fail(op, ": ", name, " must have shape ", shape, ", got ", tensor.shape(), " (input ",
         input.shape(), ")");
}

DType norm_compute_dtype(std::string_view op, const Tensor& x) {
  check_defined(op, x);
  if (!is_floating_point(x.dtype()))
    fail(op, ": expected a floating dtype, got ", x.dtype(),
         "; convert first, with .to(float32) for example");
  return element_size(x.dtype()) == 2 ? float32 : x.dtype();
}

std::vector<Tensor> recorded_norm_gradients(const NormRecord& record, const Tensor& x,
                                            const Tensor& weight, const Tensor& gradient,
                                            const NeededInputs& needed) {
  const Dims along = record.shared ? Dims{0, 2, 3} : Dims{2, 3}, of_channels{0, 3};
  const Shape channels{1, record.parts[1], record.parts[2], 1};
  const Shape parameter{record.parts[1] * record.parts[2]};
  const Tensor g =
      (record.mask.defined() ? masked(gradient, record.mask) : gradient).reshape(record.parts);
  Tensor dx, dweight, dbias;
  if (needed[2]) dbias = g.sum(of_channels).reshape(parameter);
  if (!needed[0] && !needed[1]) return {dx, dweight, dbias};

  const bool is_constant = record.constant_variance.defined();
  const Shape of_group{1, record.parts[1], 1, 1};
  Tensor apart = x.reshape(record.parts);
  if (is_constant)
    apart = apart - record.constant_mean.reshape(of_group);
  else if (record.centred)
    apart = apart - apart.mean(along, /*keepdim=*/true);
  const Tensor variance = is_constant ? record.constant_variance.reshape(of_group)
                                      : (apart * apart).mean(along, /*keepdim=*/true);
  const Tensor rstd = (variance + record.eps).rsqrt();
  const Tensor normal = apart * rstd;
  if (needed[1]) dweight = (g * normal).sum(of_channels).reshape(parameter);
  if (needed[0]) {
    const Tensor scaled = weight.defined() ? g * weight.reshape(channels) : g;
    Tensor sum = scaled;
    if (!is_constant) {
      if (record.centred) sum = sum - scaled.mean(along, /*keepdim=*/true);
      sum = sum - normal * (scaled * normal).mean(along, /*keepdim=*/true);
    }
    dx = (rstd * sum).reshape(x.shape());
  }
  return {dx, dweight, dbias};
}

}  // namespace cuttle
