// One tensor, element by element.
#include "../../kernels/elementwise.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "../strided_loop.h"
#include "arithmetic.h"
#include "binary.h"

namespace cuttle {
namespace {

using kernels::UnaryOp;

Tensor run(std::string_view op, UnaryOp kernel, const Tensor& x) {
  check_defined(op, x);
  Tensor out = empty_like(x);
  const auto loop = make_loop(out.shape(), {x.strides(), out.strides()});
  const auto launch = [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      kernels::unary(stream, kernel, loop, x.data<T>(), out.data<T>());
    });
  };
  const bool any_number =
      kernel == UnaryOp::neg || kernel == UnaryOp::abs || kernel == UnaryOp::relu;
  any_number ? dispatch_numeric(op, x.dtype(), launch) : dispatch_floating(op, x.dtype(), launch);
  return out;
}

// Transcendental functions of integers are those of their float32 values, as in PyTorch.
Tensor as_floating(const Tensor& x) {
  return is_floating_point(x.dtype()) ? x : x.to(float32);
}

}  // namespace

Tensor ElementwiseMethods::neg() const {
  const Tensor& input = self(*this);
  return record(
      "neg", run("neg", UnaryOp::neg, input), {input},
      [](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        return {gradient.neg()};
      },
      Saves::nothing);
}

Tensor ElementwiseMethods::abs() const {
  const Tensor& input = self(*this);
  return record(
      "abs", run("abs", UnaryOp::abs, input), {input},
      [x = save(input)](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        const Tensor sign = (x.get() > 0).to(gradient.dtype()) - (x.get() < 0).to(gradient.dtype());
        return {gradient * sign};
      });
}

Tensor ElementwiseMethods::exp() const {
  const Tensor& input = self(*this);
  const Tensor x = as_floating(input);
  Tensor y = run("exp", UnaryOp::exp, x);
  return record(
      "exp", y, {x},
      [y = save_output(y)](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        return {gradient * y.get()};
      });
}

Tensor ElementwiseMethods::log() const {
  const Tensor& input = self(*this);
  const Tensor x = as_floating(input);
  return record("log", run("log", UnaryOp::log, x), {x},
                [x = save(x)](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
                  return {gradient / x.get()};
                });
}

Tensor ElementwiseMethods::sqrt() const {
  const Tensor& input = self(*this);
  const Tensor x = as_floating(input);
  Tensor y = run("sqrt", UnaryOp::sqrt, x);
  return record(
      "sqrt", y, {x},
      [y = save_output(y)](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        return {gradient / (y.get() * 2)};
      });
}

Tensor ElementwiseMethods::relu() const {
  const Tensor& input = self(*this);
  Tensor y = run("relu", UnaryOp::relu, input);
  return record(
      "relu", y, {input},
      [y = save_output(y)](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        return {masked(gradient, y.get())};  // y is 0 where x was cut off, and NaN where x was
      });
}

Tensor ElementwiseMethods::sigmoid() const {
  const Tensor& input = self(*this);
  const Tensor x = as_floating(input);
  Tensor y = run("sigmoid", UnaryOp::sigmoid, x);
  return record(
      "sigmoid", y, {x},
      [saved = save_output(y)](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        const Tensor out = saved.get();
        return {gradient * (out * (1 - out))};
      });
}

Tensor ElementwiseMethods::tanh() const {
  const Tensor& input = self(*this);
  const Tensor x = as_floating(input);
  Tensor y = run("tanh", UnaryOp::tanh, x);
  return record(
      "tanh", y, {x},
      [saved = save_output(y)](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        const Tensor out = saved.get();
        return {gradient * (1 - out * out)};
      });
}

Tensor operator-(const Tensor& a) {
  return a.neg();
}

}  // namespace cuttle
