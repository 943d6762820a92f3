#include "recurrent.h"

#include <algorithm>

#include "../../autocast.h"
#include "../../autograd/composition.h"
#include "../../autograd/grad_mode.h"
#include "../../autograd/joint.h"
#include "../../creation.h"
#include "../../dispatch.h"
#include "recurrent_steps.h"

namespace cuttle {
namespace {

std::string_view name_of(CellKind kind) {
  switch (kind) {
    case CellKind::rnn_tanh:
      return "rnn_tanh";
    case CellKind::rnn_relu:
      return "rnn_relu";
    case CellKind::lstm:
      return "lstm";
    case CellKind::gru:
      return "gru";
  }
  return "recurrent_layer";
}

void check_sizes(std::string_view op, const Tensor& x, const std::vector<int64_t>& batch_sizes) {
  if (batch_sizes.empty()) fail(op, ": expected at least one time step, got none");
  int64_t rows = 0;
  for (size_t t = 0; t < batch_sizes.size(); ++t) {
    rows += batch_sizes[t];
    if (batch_sizes[t] < 0 || (t > 0 && batch_sizes[t] > batch_sizes[t - 1]))
      fail(op, ": batch sizes must not rise from step to step, got ", batch_sizes[t],
           " sequences in step ", t, "; sort the sequences by falling length");
  }
  if (x.dim() != 2 || x.size(0) != rows)
    fail(op, ": expected the ", rows,
         " rows that the batch sizes add up to, got an input of shape ", x.shape());
}

void check_arguments(CellKind kind, const Tensor& x, const std::vector<int64_t>& batch_sizes,
                     const RecurrentState& start, const RecurrentWeights& w) {
  const std::string_view op = name_of(kind);
  for (const Tensor* each : {&x, &w.input, &w.hidden}) check_defined(op, *each);
  const auto all = {&x,        &start.h,      &start.c,       &w.input,
                    &w.hidden, &w.input_bias, &w.hidden_bias, &w.projection};
  for (const Tensor* each : all)
    if (each->defined()) {
      check_same_device(op, {&x, each});
      check_same_dtype(op, {&x, each});
    }
  if (!is_floating_point(x.dtype()))
    fail(op, ": expected floating tensors, got ", x.dtype(),
         "; convert first, with .to(float32) for example");
  check_sizes(op, x, batch_sizes);
  if (w.projection.defined() && (kind != CellKind::lstm || w.projection.dim() != 2))
    fail(op, ": expected no projection, or for lstm one of shape (P, H), got ",
         w.projection.shape());
  const int64_t count = kernels::gates_of(kind), width = w.hidden.dim() == 2 ? w.hidden.size(1) : 0,
                hidden = w.projection.defined() ? w.projection.size(1) : width;
  const auto expect = [&](const char* what, const Tensor& tensor, const Shape& shape) {
    if (tensor.defined() && tensor.shape() != shape)
      fail(op, ": expected ", what, " of shape ", shape, ", got ", tensor.shape(), " (input ",
           x.shape(), ", weight of the hidden state ", w.hidden.shape(), ")");
  };
  expect("a weight of the hidden state", w.hidden, {count * hidden, width});
  expect("a projection", w.projection, {width, hidden});
  expect("a weight of the input", w.input, {count * hidden, x.size(1)});
  expect("a bias of the input", w.input_bias, {count * hidden});
  expect("a bias of the hidden state", w.hidden_bias, {count * hidden});
  expect("a hidden state", start.h, {batch_sizes.front(), width});
  expect("a cell state", start.c, {batch_sizes.front(), hidden});
  if (w.input_bias.defined() != w.hidden_bias.defined()) fail(op, ": expected both biases or none");
}

// All inputs in one order, and back.
std::vector<Tensor> listed(const RecurrentInputs& in) {
  return {in.x,
          in.start.h,
          in.start.c,
          in.weights.input,
          in.weights.hidden,
          in.weights.input_bias,
          in.weights.hidden_bias,
          in.weights.projection};
}
RecurrentInputs named(const std::vector<Tensor>& in) {
  return {in[0], {in[1], in[2]}, {in[3], in[4], in[5], in[6], in[7]}};
}

template <class F>
RecurrentInputs each(const RecurrentInputs& in, const F& f) {
  std::vector<Tensor> all = listed(in);
  for (Tensor& x : all)
    if (x.defined()) x = f(x);
  return named(all);
}

// By kernels; or, where the gradients will themselves be differentiated, by recorded operations.
std::vector<Tensor> backward_of(const RecurrentPlan& plan, const RecurrentInputs& in,
                                const Tensor& output, const RecurrentKept& kept,
                                const std::vector<Tensor>& gradients, const NeededInputs& needed) {
  if (is_grad_enabled())
    return gradients_of_composition(
        [&](const std::vector<Tensor>& x) { return composed_recurrent(plan, named(x)); },
        listed(in), gradients, needed);
  return run_recurrent_backward(plan, each(in, [](const Tensor& x) { return x.contiguous(); }),
                                output, kept, gradients, needed);
}

RecurrentResult recorded(const RecurrentPlan& plan, const RecurrentInputs& in) {
  RecurrentKept kept;
  RecurrentResult result;
  {
    const NoGradGuard no_grad;
    result = run_recurrent(plan, each(in, [](const Tensor& x) { return x.detach().contiguous(); }),
                           kept);
  }
  const std::vector<Tensor> inputs = listed(in);
  if (!needs_recording(inputs)) return result;
  std::vector<SavedTensor> saved;
  for (const Tensor& x : inputs) saved.push_back(save(x));
  std::vector<Tensor> outputs{result.output, result.last.h};
  if (result.last.c.defined()) outputs.push_back(result.last.c);
  record_joint(name_of(plan.kind), outputs, inputs,
               [plan, saved, kept, output = save_output(result.output)](
                   const std::vector<Tensor>& gradients, const NeededInputs& needed) {
                 std::vector<Tensor> from;
                 for (const SavedTensor& x : saved) from.push_back(x.get());
                 return backward_of(plan, named(from), output.get(), kept, gradients, needed);
               });
  result.output = outputs[0];
  result.last.h = outputs[1];
  if (result.last.c.defined()) result.last.c = outputs[2];
  return result;
}

bool is_half(const Tensor& x) {
  return is_floating_point(x.dtype()) && element_size(x.dtype()) == 2;
}

}  // namespace

RecurrentResult recurrent_layer(CellKind kind, const Tensor& x,
                                const std::vector<int64_t>& batch_sizes, bool reverse,
                                const RecurrentState& start, const RecurrentWeights& weights) {
  const RecurrentInputs given{x, start, weights};
  if (autocast_lowers({&x, &weights.input, &weights.hidden})) {
    const RecurrentInputs in =
        each(given, [](const Tensor& each) { return autocast_lowered(each); });
    return recurrent_layer(kind, in.x, batch_sizes, reverse, in.start, in.weights);
  }
  check_arguments(kind, x, batch_sizes, start, weights);
  if (is_half(x)) {
    const RecurrentInputs in = each(given, [](const Tensor& each) { return each.to(float32); });
    RecurrentResult wide = recurrent_layer(kind, in.x, batch_sizes, reverse, in.start, in.weights);
    for (Tensor* each : {&wide.output, &wide.last.h, &wide.last.c})
      if (each->defined()) *each = each->to(x.dtype());
    return wide;
  }
  const int64_t width = weights.hidden.size(1);
  const RecurrentPlan plan =
      plan_recurrent(kind, batch_sizes, reverse, x.size(1),
                     weights.projection.defined() ? weights.projection.size(1) : width, width);
  RecurrentInputs in = given;
  const TensorOptions like{.dtype = x.dtype(), .device = x.device()};
  if (!in.start.h.defined()) in.start.h = zeros({plan.batch, plan.width}, like);
  if (kind == CellKind::lstm && !in.start.c.defined())
    in.start.c = zeros({plan.batch, plan.hidden}, like);
  return recorded(plan, in);
}

}  // namespace cuttle
