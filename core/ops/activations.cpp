// Activations: rows of the elementwise table with their parameters, and what has a form of its own.
#include "activations.h"

#include "../autocast.h"
#include "../autograd/grad_mode.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "arithmetic.h"
#include "binary.h"
#include "elementwise_backward.h"
#include "elementwise_run.h"

namespace cuttle {
namespace {

using kernels::Elementwise;

template <class... T>
Tensor activation(Elementwise row, const Tensor& x, T... parameters) {
  const std::array<Scalar, sizeof...(T)> all{Scalar(parameters)...};
  return elementwise<1>(row, {x}, all);
}

// Both halves' gradients, written where they belong by a kernel each.
Tensor glu_gradient(const Tensor& x, const Tensor& gradient, int dim) {
  const int64_t half = x.size(dim) / 2;
  const Tensor a = x.narrow(dim, 0, half), b = x.narrow(dim, half, half);
  if (is_grad_enabled()) {
    const Term operands[] = {a, b};
    return cat({recorded_gradient(Elementwise::glu, 0, gradient, operands, nullptr).tensor(),
                recorded_gradient(Elementwise::glu, 1, gradient, operands, nullptr).tensor()},
               dim);
  }
  const Tensor dx = empty_result(x.shape(), x.dtype(), {&x});
  for (const int part : {0, 1})
    launch_elementwise<3>(Elementwise::glu, part + 1, x.dtype(), {&gradient, &a, &b},
                          {Scalar(0), Scalar(0), Scalar(0)}, {}, dx.narrow(dim, part * half, half));
  return dx;
}

}  // namespace

Tensor gelu(const Tensor& x, GeluApproximate approximate) {
  return activation(
      approximate == GeluApproximate::tanh ? Elementwise::gelu_tanh : Elementwise::gelu, x);
}
Tensor softplus(const Tensor& x, double beta, double threshold) {
  return activation(Elementwise::softplus, x, beta, threshold);
}
Tensor leaky_relu(const Tensor& x, double negative_slope) {
  return activation(Elementwise::leaky_relu, x, negative_slope);
}
Tensor elu(const Tensor& x, double alpha) {
  return activation(Elementwise::elu, x, alpha, 1.0, 1.0);
}
Tensor selu(const Tensor& x) {
  return activation(Elementwise::elu, x, kSeluAlpha, kSeluScale, 1.0);
}
Tensor celu(const Tensor& x, double alpha) {
  if (alpha == 0) fail("celu: alpha must not be 0, for x is divided by it");
  return activation(Elementwise::elu, x, alpha, 1.0, 1 / alpha);
}
Tensor hardtanh(const Tensor& x, Scalar low, Scalar high) {
  return activation(Elementwise::hardtanh, x, low, high);
}
Tensor relu6(const Tensor& x) {
  return hardtanh(x, 0, 6);
}
Tensor threshold(const Tensor& x, Scalar threshold, Scalar value) {
  return activation(Elementwise::threshold, x, threshold, value);
}
Tensor mish(const Tensor& x) {
  return activation(Elementwise::mish, x);
}
Tensor hardswish(const Tensor& x) {
  return activation(Elementwise::hardswish, x);
}
Tensor hardsigmoid(const Tensor& x) {
  return activation(Elementwise::hardsigmoid, x);
}
Tensor softsign(const Tensor& x) {
  return activation(Elementwise::softsign, x);
}
Tensor logsigmoid(const Tensor& x) {
  return activation(Elementwise::logsigmoid, x);
}

Tensor prelu(const Tensor& x, const Tensor& weight) {
  check_defined("prelu", x);
  check_defined("prelu", weight);
  if (autocast_lowers({&x, &weight})) return prelu(autocast_lowered(x), autocast_lowered(weight));
  const int64_t channels = x.dim() > 1 ? x.size(1) : 1;
  if (weight.dim() > 1 || (weight.numel() != 1 && weight.numel() != channels))
    fail("prelu: expected one slope, or one for each of the ", channels, " channels of shape ",
         x.shape(), ", got a weight of shape ", weight.shape());
  if (x.dtype() != weight.dtype())
    fail("prelu: expected x and weight of one dtype, got ", x.dtype(), " and ", weight.dtype(),
         "; convert one, with .to(", x.dtype(), ") for example");
  if (weight.numel() == 1) return elementwise<2>(Elementwise::prelu, {x, weight.reshape({})});
  Shape shape = Shape::filled(x.dim(), 1);
  shape[1] = channels;
  return elementwise<2>(Elementwise::prelu, {x, weight.reshape(shape)});
}

Tensor glu(const Tensor& x, int64_t dim) {
  check_defined("glu", x);
  if (x.dim() == 0) fail("glu: expected at least one dimension, to take the two halves of");
  const int d = wrap_dim("glu", dim, x.dim());
  if (x.size(d) % 2 != 0)
    fail("glu: expected an even size along dimension ", d,
         ", to take the two halves of, got shape ", x.shape());
  Tensor y;
  {
    const NoGradGuard no_grad;
    const int64_t half = x.size(d) / 2;
    y = elementwise<2>(Elementwise::glu, {x.narrow(d, 0, half), x.narrow(d, half, half)});
  }
  return record(
      "glu", y, {x},
      [d, x = save(x)](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        return {glu_gradient(x.get(), gradient, d)};
      });
}

Tensor softmax(const Tensor& x, int64_t dim) {
  return x.softmax(dim);
}
Tensor log_softmax(const Tensor& x, int64_t dim) {
  return x.log_softmax(dim);
}
Tensor softmin(const Tensor& x, int64_t dim) {
  check_defined("softmin", x);
  return (-x).softmax(dim);
}

}  // namespace cuttle
