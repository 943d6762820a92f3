#include "matrix_product.h"

#include <algorithm>

#include "../../kernels/gemm.h"
#include "../autograd/grad_mode.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "../strided_loop.h"
#include "arithmetic.h"
#include "product_types.h"

namespace cuttle {
namespace {

// More products than this are not launched one by one: their matrices are copied together.
constexpr int64_t kMostLaunches = 8;

// Matrices as the kernel reads them: their rows, or columns, without gaps; how far these lie apart,
// and the batch's strides, are free.
struct Operand {
  Tensor matrices;
  bool transposed;
  int64_t line;
};

// The distance between rows whose elements are neighbours; 0 where they are not. Dimensions of one
// element impose nothing.
int64_t line_of(const Tensor& x, int row, int column) {
  const int64_t length = std::max<int64_t>(1, x.size(column));
  const int64_t line = x.size(row) <= 1 ? length : x.strides()[x.dim() + row];
  return (length == 1 || x.strides()[x.dim() + column] == 1) && line >= length ? line : 0;
}

// Matrices that the batch repeats are copied once.
Tensor densely(const Tensor& x) {
  Tensor part = x;
  for (int d = 0; d < x.dim() - 2; ++d)
    if (x.strides()[d] == 0 && x.shape()[d] > 1) part = part.narrow(d, 0, 1);
  return part.contiguous().expand(x.shape());
}

Operand as_operand(const Tensor& x) {
  if (const int64_t line = line_of(x, -2, -1)) return {x, false, line};
  if (const int64_t line = line_of(x, -1, -2)) return {x, true, line};
  return {densely(x), false, std::max<int64_t>(1, x.size(-1))};
}

// The leading dimensions of a shape or of strides.
Shape leading(const Shape& shape) {
  return Shape(std::span(shape.begin(), shape.end() - 2));
}

kernels::StridedLoop<3> batch_loop(const Operand& a, const Operand& b, const Tensor& out) {
  return make_loop(leading(out.shape()), {leading(a.matrices.strides()),
                                          leading(b.matrices.strides()), leading(out.strides())});
}

// out = a · b + bias + (accumulate) out; out is dense, none of them is on the tape.
void multiply_into(const Tensor& a, const Tensor& b, const Tensor& bias, bool accumulate,
                   const Tensor& out) {
  if (out.numel() == 0) return;
  Operand left = as_operand(a), right = as_operand(b);
  kernels::StridedLoop<3> loop = batch_loop(left, right, out);
  if (loop.rank > 1 && loop.numel() / loop.sizes[loop.rank - 1] > kMostLaunches) {
    left = {a.contiguous(), false, std::max<int64_t>(1, a.size(-1))};
    right = {b.contiguous(), false, std::max<int64_t>(1, b.size(-1))};
    loop = batch_loop(left, right, out);
  }
  kernels::GemmShape shape{a.size(-2), b.size(-1), a.size(-1), left.transposed, right.transposed};
  shape.accumulate = accumulate;
  shape.line_a = left.line;
  shape.line_b = right.line;
  if (loop.rank > 0) {
    const int last = --loop.rank;  // the batch of one launch; the others are launches
    shape.batch = loop.sizes[last];
    shape.stride_a = loop.strides[0][last];
    shape.stride_b = loop.strides[1][last];
    shape.stride_c = loop.strides[2][last];
  }
  const auto launch_all = [&]<class T>(auto stream) {
    const T* const row = bias.defined() ? bias.data<T>() : nullptr;
    for (int64_t launch = 0, launches = loop.numel(); launch < launches; ++launch) {
      int64_t at[3] = {}, rest = launch;
      for (int d = loop.rank - 1; d >= 0; --d) {
        for (int p = 0; p < 3; ++p) at[p] += rest % loop.sizes[d] * loop.strides[p][d];
        rest /= loop.sizes[d];
      }
      kernels::gemm(stream, shape, left.matrices.data<T>() + at[0],
                    right.matrices.data<T>() + at[1], row, out.data<T>() + at[2]);
    }
  };
  if (out.dtype() == bfloat16)
    return launch_all.template operator()<BFloat16>(kernels::cpu::Stream{});
  dispatch_numeric("matmul", out.dtype(), [&]<class T>() {
    if constexpr (std::is_arithmetic_v<T>)
      on_device(out.device(), [&](auto stream) { launch_all.template operator()<T>(stream); });
  });
}

Tensor empty_product(const Tensor& a, const Tensor& b) {
  Shape shape = a.shape();
  shape[shape.size() - 1] = b.size(-1);
  return empty(shape, {.dtype = a.dtype(), .device = a.device()});
}

Tensor multiply(const Tensor& a, const Tensor& b) {
  if (computes_in_float32(a)) return multiply(a.to(float32), b.to(float32)).to(a.dtype());
  Tensor out = empty_product(a, b);
  multiply_into(a, b, {}, false, out);
  return out;
}

// See product_added. Where alpha is 1 the kernel adds: a bias row to each element as it is stored,
// anything else by accumulating upon it.
Tensor multiply_added(const Tensor& input, const Tensor& a, const Tensor& b, const Scalar& beta,
                      const Scalar& alpha) {
  const bool plain_alpha = alpha.to<double>() == 1, plain_beta = beta.to<double>() == 1;
  // What the kernel does not scale is scaled before it is rounded.
  const bool scales_half = a.dtype() == bfloat16 && !(plain_alpha && plain_beta);
  if (computes_in_float32(a) || scales_half)
    return multiply_added(input.to(float32), a.to(float32), b.to(float32), beta, alpha)
        .to(a.dtype());
  if (beta.to<double>() == 0) {
    Tensor out = multiply(a, b);
    return plain_alpha ? out : out.mul_(alpha);
  }
  Tensor out = empty_product(a, b);
  const bool is_row = input.dim() == 1 || (input.dim() == 2 && input.size(0) == 1);
  if (plain_alpha && plain_beta && is_row && out.dim() == 2 && input.numel() == out.size(1)) {
    multiply_into(a, b, input.contiguous(), false, out);
    return out;
  }
  out.copy_(input);
  if (!plain_beta) out.mul_(beta);
  if (!plain_alpha) return out.add_(multiply(a, b), alpha);
  multiply_into(a, b, {}, true, out);
  return out;
}

Tensor scaled(const Tensor& x, const Scalar& by) {
  return by.to<double>() == 1 ? x : x * by;
}

}  // namespace

void check_factors(std::string_view op, const Tensor& a, const Tensor& b) {
  check_defined(op, a);
  check_defined(op, b);
  check_same_device(op, {&a, &b});
  check_same_dtype(op, {&a, &b});
  if (a.dtype() == boolean)
    fail(op, ": not defined for bool; convert first, with .to(float32) for example");
}

void check_summand(std::string_view op, const Tensor& input, const Tensor& a, const Shape& shape,
                   const Scalar& beta, const Scalar& alpha) {
  check_defined(op, input);
  check_same_device(op, {&a, &input});
  check_same_dtype(op, {&a, &input});
  bool fits = input.dim() <= shape.size();
  for (int d = 1; fits && d <= input.dim(); ++d) {
    const int64_t own = input.size(-d);
    fits = own == 1 || own == shape[shape.size() - d];
  }
  if (!fits)
    fail(op, ": the input of shape ", input.shape(), " does not broadcast to the product's shape ",
         shape);
  if (!is_floating_point(a.dtype()) && (!beta.is_integral() || !alpha.is_integral()))
    fail(op, ": for ", a.dtype(), " tensors beta and alpha must be whole numbers, got ", beta,
         " and ", alpha);
}

Tensor product(std::string_view op, const Tensor& a, const Tensor& b) {
  return record(op, multiply(a.detach(), b.detach()), {a, b},
                [op, a = save(a), b = save(b)](const Tensor& gradient,
                                               const NeededInputs& needed) -> std::vector<Tensor> {
                  Tensor da, db;
                  if (needed[0]) da = product(op, gradient, b.get().transpose(-2, -1));
                  if (needed[1]) db = product(op, a.get().transpose(-2, -1), gradient);
                  return {da, db};
                });
}

Tensor product_added(std::string_view op, const Tensor& input, const Tensor& a, const Tensor& b,
                     Scalar beta, Scalar alpha) {
  Tensor out;
  {
    const NoGradGuard no_grad;
    out = multiply_added(input.detach(), a.detach(), b.detach(), beta, alpha);
  }
  return record(op, out, {input, a, b},
                [op, beta, alpha, shape = input.shape(), a = save(a), b = save(b)](
                    const Tensor& gradient, const NeededInputs& needed) -> std::vector<Tensor> {
                  Tensor dinput, da, db;
                  if (needed[0]) dinput = scaled(sum_to(gradient, shape), beta);
                  if (needed[1])
                    da = scaled(product(op, gradient, b.get().transpose(-2, -1)), alpha);
                  if (needed[2])
                    db = scaled(product(op, a.get().transpose(-2, -1), gradient), alpha);
                  return {dinput, da, db};
                });
}

}  // namespace cuttle
