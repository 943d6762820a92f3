#include "linear.h"

#include <algorithm>

#include "../../kernels/gemm.h"
#include "../../kernels/linear.h"
#include "../autograd/grad_mode.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "../tensor_impl.h"

namespace cuttle {
namespace {

// A batch of matrices (B, rows, cols) as the kernel reads it: dense, or dense when transposed.
struct Operand {
  Tensor matrix;
  bool transposed;
  int64_t batch_stride;
};

Operand as_operand(const Tensor& x) {
  const int64_t rows = x.size(1), cols = x.size(2);
  const auto fits = [&](int row, int col) {
    const Strides& s = x.strides();
    const int64_t inner = x.shape()[col], outer = x.shape()[row];
    return (inner == 1 || s[col] == 1) && (outer == 1 || s[row] == inner) &&
           (x.size(0) == 1 || s[0] == 0 || s[0] == rows * cols);
  };
  const int64_t batch_stride = x.size(0) == 1 || x.strides()[0] == 0 ? 0 : rows * cols;
  if (fits(1, 2)) return {x, false, batch_stride};
  if (fits(2, 1)) return {x, true, batch_stride};
  return {x.contiguous(), false, x.size(0) == 1 ? 0 : rows * cols};
}

// out (B, m, n) = a (B, m, k) · b (B, k, n).
Tensor multiply(const Tensor& a, const Tensor& b) {
  const Operand left = as_operand(a.detach()), right = as_operand(b.detach());
  kernels::GemmShape shape;
  shape.batch = a.size(0);
  shape.m = a.size(1);
  shape.k = a.size(2);
  shape.n = b.size(2);
  shape.transpose_a = left.transposed;
  shape.transpose_b = right.transposed;
  shape.stride_a = left.batch_stride;
  shape.stride_b = right.batch_stride;
  shape.stride_c = shape.m * shape.n;
  Tensor out = empty({shape.batch, shape.m, shape.n}, {.dtype = a.dtype(), .device = a.device()});
  dispatch_float_double("matmul", a.dtype(), [&]<class T>() {
    on_device(a.device(), [&](auto stream) {
      kernels::gemm(stream, shape, left.matrix.data<T>(), right.matrix.data<T>(),
                    static_cast<const T*>(nullptr), out.data<T>());
    });
  });
  return out;
}

Tensor batched_matmul(const Tensor& a, const Tensor& b) {
  return record("matmul", multiply(a, b), {a, b},
                [a = save(a), b = save(b)](const Tensor& gradient,
                                           const NeededInputs& needed) -> std::vector<Tensor> {
                  Tensor da, db;
                  if (needed[0]) da = batched_matmul(gradient, b.get().transpose(1, 2));
                  if (needed[1]) db = batched_matmul(a.get().transpose(1, 2), gradient);
                  return {da, db};
                });
}

void check_operands(std::string_view op, const Tensor& a, const Tensor& b) {
  check_defined(op, a);
  check_defined(op, b);
  check_same_device(op, {&a, &b});
  check_same_dtype(op, {&a, &b});
  if (!is_floating_point(a.dtype()))
    fail(op, ": expected float32 or float64, got ", a.dtype(),
         "; convert first, with .to(float32) for example");
}

// Leading dimensions repeated to `batch`, then flattened to one.
Tensor with_batch(const Tensor& x, const Shape& batch) {
  Shape shape = batch;
  shape.push_back(x.size(-2));
  shape.push_back(x.size(-1));
  return x.expand(shape).reshape({batch.numel(), x.size(-2), x.size(-1)});
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

Tensor matmul(const Tensor& a, const Tensor& b) {
  check_operands("matmul", a, b);
  if (a.dim() == 0 || b.dim() == 0)
    fail("matmul: both operands need at least one dimension, got shapes ", a.shape(), " and ",
         b.shape(), "; use * for scalars");
  const Tensor left = a.dim() == 1 ? a.unsqueeze(0) : a;
  const Tensor right = b.dim() == 1 ? b.unsqueeze(1) : b;
  if (left.size(-1) != right.size(-2))
    fail("matmul: shapes ", a.shape(), " and ", b.shape(), " do not fit: ", left.size(-1),
         " columns meet ", right.size(-2), " rows; is a .t() missing?");
  const Shape batch =
      broadcast_shapes("matmul", Shape(std::span(left.shape().begin(), left.shape().end() - 2)),
                       Shape(std::span(right.shape().begin(), right.shape().end() - 2)));
  Shape shape = batch;
  if (a.dim() > 1) shape.push_back(left.size(-2));
  if (b.dim() > 1) shape.push_back(right.size(-1));
  return batched_matmul(with_batch(left, batch), with_batch(right, batch)).reshape(shape);
}

Tensor MatrixMethods::matmul(const Tensor& other) const {
  const Tensor& x = self(*this);
  return cuttle::matmul(x, other);
}

Tensor linear(const Tensor& input, const Tensor& weight, const Tensor& bias) {
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
  const Tensor recorded = record(
      "linear", linear_forward(x, weight, bias), {x, weight, bias},
      [x = save(x), weight = save(weight)](const Tensor& gradient, const NeededInputs& needed) {
        return linear_backward(x.get(), weight.get(), gradient, needed);
      });
  return recorded.reshape(shape);
}

}  // namespace cuttle
