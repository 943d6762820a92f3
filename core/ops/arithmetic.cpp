#include "arithmetic.h"

#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "binary.h"

namespace cuttle {
namespace {

using kernels::BinaryOp;

struct Operands {
  Tensor a, b;  // of one dtype
  Tensor out;   // uninitialised, of the broadcast shape
};

Operands prepare(std::string_view op, const Tensor& a, const Tensor& b, bool floating = false) {
  check_defined(op, a);
  check_defined(op, b);
  check_same_device(op, {&a, &b});
  DType dtype = result_type(a, b);
  if (floating && !is_floating_point(dtype)) dtype = float32;
  const Shape shape = broadcast_shapes(op, a.shape(), b.shape());
  const Tensor left = a.to(dtype), right = b.to(dtype);
  return {left, right, empty_result(shape, dtype, {&left, &right})};
}

Operands run(std::string_view op, BinaryOp kernel, const Tensor& a, const Tensor& b) {
  Operands operands = prepare(op, a, b, kernel == BinaryOp::div);
  if (operands.out.dtype() == boolean && kernel == BinaryOp::sub)
    fail("sub: not defined for bool; convert first, with .to(int64) for example");
  binary_into(kernel, operands.a, operands.b, operands.out);
  return operands;
}

struct WithScalar {
  Tensor x;
  Tensor out;
};

WithScalar run(std::string_view op, BinaryOp kernel, const Tensor& x, Scalar scalar,
               bool scalar_first = false) {
  check_defined(op, x);
  DType dtype = result_type(x, scalar);
  if (kernel == BinaryOp::div && !is_floating_point(dtype)) dtype = float32;
  const Tensor converted = x.to(dtype);
  const Tensor out = empty_result(x.shape(), dtype, {&converted});
  binary_into(kernel, converted, scalar, scalar_first, out);
  return {converted, out};
}

// What the other operand's gradient needs, kept only where that is asked for: an operand that no
// gradient needs may be overwritten after its use.
SavedTensor save_if(bool needed, const Tensor& operand) {
  return needed ? save(operand) : SavedTensor();
}

// The gradient goes through unchanged / negated / scaled by a constant.
BackwardFunction scaled(Scalar factor) {
  return [factor](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
    return {gradient * factor};
  };
}
BackwardFunction unchanged() {
  return
      [](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> { return {gradient}; };
}

// maximum and minimum: the gradient goes to the winner, half of it to each of two equals, and to
// both where one is NaN and neither has lost (PyTorch's rule).
Tensor extremum(std::string_view op, BinaryOp kernel, const Tensor& a, const Tensor& b) {
  const Operands x = run(op, kernel, a, b);
  const bool larger = kernel == BinaryOp::maximum;
  return record(op, x.out, {x.a, x.b},
                [a = save(x.a), b = save(x.b), larger](
                    const Tensor& gradient, const NeededInputs& needed) -> std::vector<Tensor> {
                  const Tensor left = a.get(), right = b.get();
                  const Tensor share = gradient * (1 - (left == right).to(gradient.dtype()) * 0.5);
                  const Tensor a_loses = larger ? left < right : left > right;
                  const Tensor b_loses = larger ? right < left : right > left;
                  Tensor da, db;
                  if (needed[0]) da = sum_to(masked(share, a_loses == false), left.shape());
                  if (needed[1]) db = sum_to(masked(share, b_loses == false), right.shape());
                  return {da, db};
                });
}

}  // namespace

Tensor operator+(const Tensor& a, const Tensor& b) {
  const Operands x = run("add", BinaryOp::add, a, b);
  return record(
      "add", x.out, {x.a, x.b},
      [sa = x.a.shape(), sb = x.b.shape()](const Tensor& gradient,
                                           const NeededInputs& needed) -> std::vector<Tensor> {
        return {needed[0] ? sum_to(gradient, sa) : Tensor(),
                needed[1] ? sum_to(gradient, sb) : Tensor()};
      },
      Saves::nothing);
}

Tensor operator-(const Tensor& a, const Tensor& b) {
  const Operands x = run("sub", BinaryOp::sub, a, b);
  return record(
      "sub", x.out, {x.a, x.b},
      [sa = x.a.shape(), sb = x.b.shape()](const Tensor& gradient,
                                           const NeededInputs& needed) -> std::vector<Tensor> {
        return {needed[0] ? sum_to(gradient, sa) : Tensor(),
                needed[1] ? sum_to(gradient, sb).neg() : Tensor()};
      },
      Saves::nothing);
}

Tensor operator*(const Tensor& a, const Tensor& b) {
  const Operands x = run("mul", BinaryOp::mul, a, b);
  return record("mul", x.out, {x.a, x.b},
                [a = save_if(x.b.requires_grad(), x.a), b = save_if(x.a.requires_grad(), x.b),
                 sa = x.a.shape(), sb = x.b.shape()](
                    const Tensor& gradient, const NeededInputs& needed) -> std::vector<Tensor> {
                  Tensor da, db;
                  if (needed[0]) da = sum_to(gradient * b.get(), sa);
                  if (needed[1]) db = sum_to(gradient * a.get(), sb);
                  return {da, db};
                });
}

Tensor operator/(const Tensor& a, const Tensor& b) {
  const Operands x = run("div", BinaryOp::div, a, b);
  return record("div", x.out, {x.a, x.b},
                [a = save_if(x.b.requires_grad(), x.a), b = save(x.b), sa = x.a.shape()](
                    const Tensor& gradient, const NeededInputs& needed) -> std::vector<Tensor> {
                  const Tensor divisor = b.get();
                  Tensor da, db;
                  if (needed[0]) da = sum_to(gradient / divisor, sa);
                  if (needed[1]) db = divisor_gradient(gradient, a.get() / divisor, divisor);
                  return {da, db};
                });
}

Tensor operator+(const Tensor& a, Scalar b) {
  const WithScalar r = run("add", BinaryOp::add, a, b);
  return record("add", r.out, {r.x}, unchanged(), Saves::nothing);
}
Tensor operator+(Scalar a, const Tensor& b) {
  return b + a;
}

Tensor operator-(const Tensor& a, Scalar b) {
  const WithScalar r = run("sub", BinaryOp::sub, a, b);
  return record("sub", r.out, {r.x}, unchanged(), Saves::nothing);
}
Tensor operator-(Scalar a, const Tensor& b) {
  const WithScalar r = run("sub", BinaryOp::sub, b, a, /*scalar_first=*/true);
  return record("sub", r.out, {r.x}, scaled(-1), Saves::nothing);
}

Tensor operator*(const Tensor& a, Scalar b) {
  const WithScalar r = run("mul", BinaryOp::mul, a, b);
  return record("mul", r.out, {r.x}, scaled(b), Saves::nothing);
}
Tensor operator*(Scalar a, const Tensor& b) {
  return b * a;
}

Tensor operator/(const Tensor& a, Scalar b) {
  const WithScalar r = run("div", BinaryOp::div, a, b);
  return record(
      "div", r.out, {r.x},
      [b](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        return {gradient / b};
      },
      Saves::nothing);
}
Tensor operator/(Scalar a, const Tensor& b) {
  const WithScalar r = run("div", BinaryOp::div, b, a, /*scalar_first=*/true);
  return record(
      "div", r.out, {r.x},
      [a, x = save(r.x)](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        const Tensor divisor = x.get();
        return {divisor_gradient(gradient, a / divisor, divisor)};
      });
}

Tensor maximum(const Tensor& a, const Tensor& b) {
  return extremum("maximum", BinaryOp::maximum, a, b);
}
Tensor minimum(const Tensor& a, const Tensor& b) {
  return extremum("minimum", BinaryOp::minimum, a, b);
}

Tensor pow(const Tensor& base, Scalar exponent) {
  const double e = exponent.to<double>();
  if (!is_floating_point(base.dtype()) && exponent.is_integral() && e < 0)
    fail("pow: integers have no negative integer powers; convert first, with .to(float32)");
  if (!is_floating_point(base.dtype()) && exponent.is_integral() &&
      !dispatch_all(base.dtype(), [&]<class T>() { return exponent.in_range<T>(); }))
    fail("pow: ", base.dtype(), " cannot hold the exponent ", exponent,
         "; convert first, with .to(int64) for example");
  const WithScalar r = run("pow", BinaryOp::pow, base, exponent);
  return record(
      "pow", r.out, {r.x},
      [e, x = save(r.x)](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        if (e == 0) return {zeros_like(gradient)};
        return {gradient * (pow(x.get(), e - 1) * e)};
      });
}

Tensor ElementwiseMethods::pow(Scalar exponent) const {
  const Tensor& x = self(*this);
  return cuttle::pow(x, exponent);
}

}  // namespace cuttle
