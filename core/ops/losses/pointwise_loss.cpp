#include "pointwise_loss.h"

#include <array>
#include <sstream>

#include "../../../kernels/pointwise_loss_table.h"
#include "../../autocast.h"
#include "../../autograd/grad_mode.h"
#include "../../autograd/record.h"
#include "../../creation.h"
#include "../../dispatch.h"
#include "../../warning.h"
#include "../activations.h"
#include "../arithmetic.h"
#include "../term.h"

namespace cuttle {

// What the rows need of Terms beside term.h.
static Term softplus(const Term& x) {
  return softplus(x.tensor());
}
static Term raised_to(const Term& x, const Term& low) {
  return x.tensor() + clamp(low.number() - x.tensor().detach(), 0);
}

namespace {

using kernels::PointwiseLoss;

constexpr size_t kOperands = kernels::kMostLossOperands;

// One call: operands of one shape and layout, dense.
struct Call {
  PointwiseLoss op = PointwiseLoss::l1;
  LossReduction reduction = LossReduction::mean;
  std::array<double, kernels::kMostLossParameters> parameters{};
  Shape shape;  // that the operands broadcast to
  MemoryFormat format = MemoryFormat::contiguous;

  Tensor laid_out(const Tensor& x) const {
    return (x.shape() == shape ? x : x.expand(shape)).contiguous(format);
  }
};

template <class T>
kernels::PointwiseLossInputs<T> kernel_inputs(const Call& call, const std::vector<Tensor>& x) {
  kernels::PointwiseLossInputs<T> in;
  in.n = call.shape.numel();
  for (size_t k = 0; k < x.size(); ++k) in.operand[k] = x[k].data<T>();
  for (size_t p = 0; p < call.parameters.size(); ++p)
    in.parameter[p] = static_cast<T>(call.parameters[p]);
  return in;
}

Tensor forward(const Call& call, const std::vector<Tensor>& x) {
  const bool each = call.reduction == LossReduction::none;
  const TensorOptions like{.dtype = x[0].dtype(), .device = x[0].device()};
  Tensor loss = each ? empty(call.shape, like, call.format) : empty({}, like);
  dispatch_float_double("loss", loss.dtype(), [&]<class T>() {
    on_device(loss.device(), [&](auto stream) {
      kernels::pointwise_loss_forward(stream, call.op, call.reduction, kernel_inputs<T>(call, x),
                                      loss.data<T>());
    });
  });
  return loss;
}

Tensor fused_gradient(const Call& call, int k, const std::vector<Tensor>& x,
                      const Tensor& gradient) {
  const bool each = call.reduction == LossReduction::none;
  const Tensor dloss = each ? call.laid_out(gradient) : gradient;
  Tensor dx = empty(call.shape, {.dtype = x[0].dtype(), .device = x[0].device()}, call.format);
  dispatch_float_double("loss", dx.dtype(), [&]<class T>() {
    on_device(dx.device(), [&](auto stream) {
      kernels::pointwise_loss_backward(stream, call.op, call.reduction, k,
                                       kernel_inputs<T>(call, x), dloss.data<T>(), dx.data<T>());
    });
  });
  return dx;
}

// The same from the row's text, in recorded operations.
Tensor recorded_gradient(const Call& call, int k, const std::vector<Tensor>& x,
                         const Tensor& gradient) {
  std::array<Term, kOperands> v;
  for (size_t i = 0; i < x.size(); ++i) v[i] = x[i];
  std::array<Term, kernels::kMostLossParameters> p;
  for (size_t i = 0; i < p.size(); ++i) p[i] = call.parameters[i];
  Term slope;
  kernels::losses::visit_derivative(call.op, k, [&]<int operand, class Row>(const Row&) {
    slope = Row::template derivative<operand>(v.data(), p.data());
  });
  const bool mean = call.reduction == LossReduction::mean;
  return (mean ? gradient / static_cast<double>(call.shape.numel()) : gradient) * slope.tensor();
}

void check_operands(std::string_view name, const std::vector<Tensor>& operands) {
  for (const Tensor& x : operands) {
    check_defined(name, x);
    check_same_device(name, {&operands[0], &x});
    if (!is_floating_point(x.dtype()))
      fail(name, ": expected floating dtypes, got ", x.dtype(), " ", x.shape(),
           "; convert with .to(", operands[0].dtype(), ") for example");
    check_same_dtype(name, {&operands[0], &x});
  }
}

Call make_call(std::string_view name, PointwiseLoss op, const std::vector<Tensor>& operands,
               std::initializer_list<double> parameters, LossReduction reduction) {
  Call call;
  call.op = op;
  call.reduction = reduction;
  std::copy(parameters.begin(), parameters.end(), call.parameters.begin());
  call.shape = operands[0].shape();
  for (const Tensor& x : operands) call.shape = broadcast_shapes(name, call.shape, x.shape());
  bool channels_last = true;
  for (const Tensor& x : operands)
    channels_last = channels_last && x.dim() == 4 && x.shape() == call.shape &&
                    x.is_contiguous(MemoryFormat::channels_last);
  if (channels_last) call.format = MemoryFormat::channels_last;
  return call;
}

// Which operands the backward reads, as saved tensors.
std::vector<SavedTensor> saved(const std::vector<Tensor>& x) {
  std::vector<SavedTensor> all;
  for (const Tensor& each : x) all.push_back(save(each));
  return all;
}

}  // namespace

Tensor pointwise_loss(std::string_view name, PointwiseLoss op, const std::vector<Tensor>& given,
                      std::initializer_list<double> parameters, LossReduction reduction) {
  std::vector<Tensor> operands;
  for (const Tensor& x : given) operands.push_back(raised_by_autocast(x));
  check_operands(name, operands);
  if (is_half(operands[0])) {
    std::vector<Tensor> wide;
    for (const Tensor& x : operands) wide.push_back(x.to(float32));
    return pointwise_loss(name, op, wide, parameters, reduction).to(operands[0].dtype());
  }
  const Call call = make_call(name, op, operands, parameters, reduction);
  std::vector<Tensor> x;
  for (const Tensor& operand : operands) x.push_back(call.laid_out(operand));
  int differentiable = 0;
  kernels::losses::visit(op, [&]<class Row>(const Row&) { differentiable = Row::kGradients; });
  const std::vector<Tensor> inputs(x.begin(), x.begin() + differentiable);
  return record(name, forward(call, x), inputs,
                [call, kept = saved(x), differentiable](
                    const Tensor& gradient, const NeededInputs& needed) -> std::vector<Tensor> {
                  std::vector<Tensor> operand, gradients(static_cast<size_t>(differentiable));
                  for (const SavedTensor& each : kept) operand.push_back(each.get());
                  for (int k = 0; k < differentiable; ++k)
                    if (needed[static_cast<size_t>(k)])
                      gradients[static_cast<size_t>(k)] =
                          is_grad_enabled() ? recorded_gradient(call, k, operand, gradient)
                                            : fused_gradient(call, k, operand, gradient);
                  return gradients;
                });
}

void warn_of_sizes(std::string_view name, const Tensor& input, const Tensor& target) {
  if (!input.defined() || !target.defined() || input.shape() == target.shape()) return;
  std::ostringstream sentence;
  sentence << name << ": the input has shape " << input.shape() << " and the target "
           << target.shape()
           << "; they are broadcast, which is seldom meant: make the shapes equal";
  warn(sentence.str());
}

Tensor reduced(const Tensor& loss, LossReduction reduction) {
  return reduction == LossReduction::mean  ? loss.mean()
         : reduction == LossReduction::sum ? loss.sum()
                                           : loss;
}

Tensor raised_by_autocast(const Tensor& x) {
  return autocast_raises({&x}) ? autocast_raised(x) : x;
}

bool is_half(const Tensor& x) {
  return is_floating_point(x.dtype()) && element_size(x.dtype()) < element_size(float32);
}

}  // namespace cuttle
