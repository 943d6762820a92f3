#include "linear.h"

#include <algorithm>

#include "../../kernels/gemm.h"
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

// out (B, m, n) = a (B, m, k) · b (B, k, n) + bias (n).
Tensor multiply(const Tensor& a, const Tensor& b, const Tensor& bias) {
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
  const Tensor row = bias.defined() ? bias.detach().contiguous() : Tensor();
  dispatch_floating("matmul", a.dtype(), [&]<class T>() {
    on_device(a.device(), [&](auto stream) {
      kernels::gemm(stream, shape, left.matrix.data<T>(), right.matrix.data<T>(),
                    row.defined() ? row.data<T>() : nullptr, out.data<T>());
    });
  });
  return out;
}

Tensor batched_matmul(const Tensor& a, const Tensor& b) {
  return record("matmul", multiply(a, b, {}), {a, b},
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

Tensor Tensor::matmul(const Tensor& other) const {
  return cuttle::matmul(*this, other);
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
  const Tensor x = input.reshape({1, rows, in});
  const Tensor product = multiply(x, weight.detach().t().unsqueeze(0), bias);
  const Tensor recorded =
      record("linear", product, {x, weight, bias},
             [x = save(x), weight = save(weight)](
                 const Tensor& gradient, const NeededInputs& needed) -> std::vector<Tensor> {
               const Tensor g = gradient.squeeze(0);
               Tensor dx, dweight, dbias;
               if (needed[0]) dx = cuttle::matmul(g, weight.get()).unsqueeze(0);
               if (needed[1]) dweight = cuttle::matmul(g.t(), x.get().squeeze(0));
               if (needed[2]) dbias = g.sum(0);
               return {dx, dweight, dbias};
             });
  return recorded.reshape(shape);
}

}  // namespace cuttle
