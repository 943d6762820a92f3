#include "linear.h"

#include <algorithm>

#include "../../kernels/linear.h"
#include "../autocast.h"
#include "../autograd/grad_mode.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "../tensor_impl.h"

namespace cuttle {
namespace {

void check_operands(std::string_view op, const Tensor& a, const Tensor& b) {
  check_defined(op, a);
  check_defined(op, b);
  check_same_device(op, {&a, &b});
  check_same_dtype(op, {&a, &b});
  if (!is_floating_point(a.dtype()))
    fail(op, ": expected float32 or float64, got ", a.dtype(),
         "; convert first, with .to(float32) for example");
}

kernels::LinearShape linear_shape(const Tensor& x, const Tensor& weight) {
  return {.rows = x.size(0), .in = x.size(1), .out = weight.size(0)};
}

// x (rows, in), weight (out, in), bias (out) or undefined; gives (rows, out).
Tensor linear_forward(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const Tensor from_x = x.detach().contiguous(), from_weight = weight.detach().contiguous();
  const Tensor row = bias.defined() ? bias.detach().contiguous() : Tensor();
  const kernels::LinearShape shape = linear_shape(x, weight);
  Tensor y = empty({shape.rows, shape.out}, {.dtype = x.dtype(), .device = x.device()});
  dispatch_float_double("linear", x.dtype(), [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      kernels::linear_forward(stream, shape, from_x.data<T>(), from_weight.data<T>(),
                              row.defined() ? row.data<T>() : static_cast<const T*>(nullptr),
                              y.data<T>());
    });
  });
  return y;
}

// Gradients of x, weight and bias: kernels; or, where they will themselves be differentiated,
// recorded operations.
std::vector<Tensor> linear_backward(const Tensor& x, const Tensor& weight, const Tensor& gradient,
                                    const NeededInputs& needed) {
  Tensor dx, dweight, dbias;
  if (is_grad_enabled()) {
    if (needed[0]) dx = cuttle::matmul(gradient, weight);
    if (needed[1]) dweight = cuttle::matmul(gradient.t(), x);
    if (needed[2]) dbias = gradient.sum(0);
    return {dx, dweight, dbias};
  }
  const Tensor from_x = x.contiguous(), from_weight = weight.contiguous();
  const Tensor dy = gradient.contiguous();
  const kernels::LinearShape shape = linear_shape(x, weight);
  const TensorOptions like = {.dtype = x.dtype(), .device = x.device()};
  if (needed[0]) dx = empty(x.shape(), like);
  if (needed[1]) dweight = empty(weight.shape(), like);
  if (needed[2]) dbias = empty({shape.out}, like);
  dispatch_float_double("linear", x.dtype(), [&]<class T>() {
    const auto data = [](const Tensor& to) { return to.defined() ? to.data<T>() : nullptr; };
    on_device(x.device(), [&](auto stream) {
      kernels::linear_backward<T>(stream, shape, from_x.data<T>(), from_weight.data<T>(),
                                  dy.data<T>(), {data(dx), data(dweight), data(dbias)});
    });
  });
  return {dx, dweight, dbias};
}

}  // namespace

Tensor linear(const Tensor& input, const Tensor& weight, const Tensor& bias) {
  if (autocast_lowers({&input, &weight, &bias}))
    return linear(autocast_lowered(input), autocast_lowered(weight), autocast_lowered(bias));
  check_operands("linear", input, weight);
  check_same_device("linear", {&input, &bias});
  check_same_dtype("linear", {&input, &bias});
  if (weight.dim() != 2)
    fail("linear: the weight must be a matrix (out, in), got shape ", weight.shape());
  const int64_t in = weight.size(1), out = weight.size(0);
  if (input.dim() == 0 || input.size(-1) != in)
    fail("linear: expected ", in, " input features, got ", input.dim() ? input.size(-1) : 0,
         " (input ", input.shape(), ", weight ", weight.shape(),
         "); is a Flatten missing, or its size another?");
  if (bias.defined() && bias.shape() != Shape{out})
    fail("linear: the bias must have shape [", out, "], got ", bias.shape());
  Shape shape = input.shape();
  shape[shape.size() - 1] = 1;
  const int64_t rows = shape.numel();
  shape[shape.size() - 1] = out;
  const Tensor x = input.reshape({rows, in});
  if (element_size(x.dtype()) == 2)  // float16 and bfloat16 have no kernel of their own yet
    return (bias.defined() ? addmm(bias, x, weight.t()) : mm(x, weight.t())).reshape(shape);
  const Tensor recorded = record(
      "linear", linear_forward(x, weight, bias), {x, weight, bias},
      [x = save(x), weight = save(weight)](const Tensor& gradient, const NeededInputs& needed) {
        return linear_backward(x.get(), weight.get(), gradient, needed);
      });
  return recorded.reshape(shape);
}

}  // namespace cuttle
