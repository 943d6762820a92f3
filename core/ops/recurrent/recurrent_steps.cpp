#include "recurrent_steps.h"

#include <algorithm>

#include "../../../kernels/gemm.h"
#include "../../../kernels/linear.h"
#include "../../creation.h"
#include "../../dispatch.h"
#include "../arithmetic.h"

namespace cuttle {
namespace {

constexpr std::string_view kOp = "recurrent_layer";

TensorOptions like(const Tensor& x) {
  return {.dtype = x.dtype(), .device = x.device()};
}

template <class T>
T* data_of(const Tensor& x) {
  return x.defined() ? x.data<T>() : nullptr;
}

// The rows of the step before, of `width` columns: in `steps` or in the starting state.
template <class T>
const T* before_of(const RecurrentSegment& s, int64_t width, const T* steps, const T* start) {
  return s.before < 0 ? start + s.batch * width : steps + s.before * width;
}

// The two biases as one row; gru keeps its second apart.
Tensor input_bias(const RecurrentPlan& plan, const RecurrentWeights& weights) {
  if (!weights.input_bias.defined() || plan.kind == CellKind::gru) return weights.input_bias;
  return weights.input_bias + weights.hidden_bias;
}

Tensor last_of(const RecurrentPlan& plan, const Tensor& steps) {
  if (plan.last.size() == 1) return steps.narrow(0, plan.last[0].row, plan.batch).clone();
  Tensor all = empty({plan.batch, steps.size(1)}, like(steps));
  for (const RecurrentSegment& s : plan.last)
    all.narrow(0, s.batch, s.rows).copy_(steps.narrow(0, s.row, s.rows));
  return all;
}

// Neighbouring segments whose steps before are neighbours too are one product: for sequences of one
// length all but the first.
std::vector<RecurrentSegment> joined(std::vector<RecurrentSegment> segments) {
  std::ranges::sort(segments, {}, &RecurrentSegment::row);
  std::vector<RecurrentSegment> all;
  for (const RecurrentSegment& s : segments) {
    if (!all.empty() && s.before >= 0 && all.back().before >= 0 &&
        all.back().row + all.back().rows == s.row &&
        all.back().before + all.back().rows == s.before)
      all.back().rows += s.rows;
    else if (s.rows > 0)
      all.push_back(s);
  }
  return all;
}

// dweight (G · H, width) = Σ gradientᵀ · step before.
template <class T, class Stream>
void hidden_weight_gradient(Stream stream, const RecurrentPlan& plan, const T* gradients,
                            const T* output, const T* start, T* dweight) {
  kernels::GemmShape shape{plan.gates(), plan.width, 0, true};
  for (const RecurrentSegment& s : joined(plan.segments)) {
    shape.k = s.rows;
    kernels::gemm<T>(stream, shape, gradients + s.row * plan.gates(),
                     before_of(s, plan.width, output, start), nullptr, dweight);
    shape.accumulate = true;
  }
}

// Initial values of a running gradient, which the steps then write.
Tensor running(const Tensor& gradient, const RecurrentPlan& plan, const Tensor& of) {
  return gradient.defined() ? gradient.clone().contiguous()
                            : zeros({plan.batch, plan.hidden}, like(of));
}

// Of projected states (rows, width), as outputs and as last ones; each step adds its own to those
// of the step before.
Tensor of_states(const Tensor& of_output, const Tensor& of_last, const RecurrentPlan& plan,
                 const Tensor& output) {
  Tensor all = of_output.defined() ? of_output.clone().contiguous()
                                   : zeros({plan.rows, plan.width}, like(output));
  if (of_last.defined())
    for (const RecurrentSegment& s : plan.last)
      all.narrow(0, s.row, s.rows).add_(of_last.narrow(0, s.batch, s.rows));
  return all;
}

}  // namespace

RecurrentPlan plan_recurrent(CellKind kind, const std::vector<int64_t>& batch_sizes, bool reverse,
                             int64_t inputs, int64_t hidden, int64_t width) {
  RecurrentPlan plan{.kind = kind,
                     .reverse = reverse,
                     .batch_sizes = batch_sizes,
                     .batch = batch_sizes.front(),
                     .inputs = inputs,
                     .hidden = hidden,
                     .width = width};
  const auto steps = static_cast<int64_t>(batch_sizes.size());
  const auto size = [&](int64_t t) { return t < steps ? batch_sizes[static_cast<size_t>(t)] : 0; };
  std::vector<int64_t> first;
  for (int64_t t = 0; t < steps; ++t) {
    first.push_back(plan.rows);
    plan.rows += size(t);
  }
  const auto row = [&](int64_t t) { return first[static_cast<size_t>(t)]; };
  for (int64_t step = 0; step < steps; ++step) {
    const int64_t t = reverse ? steps - 1 - step : step;
    const int64_t going_on = size(t + 1);
    if (!reverse) {
      plan.segments.push_back({row(t), 0, size(t), t > 0 ? row(t - 1) : -1});
      if (size(t) > going_on)
        plan.last.push_back({row(t) + going_on, going_on, size(t) - going_on});
      continue;
    }
    if (going_on > 0) plan.segments.push_back({row(t), 0, going_on, row(t + 1)});
    if (size(t) > going_on)
      plan.segments.push_back({row(t) + going_on, going_on, size(t) - going_on, -1});
  }
  if (reverse) plan.last.push_back({0, 0, plan.batch});
  return plan;
}

RecurrentResult run_recurrent(const RecurrentPlan& plan, const RecurrentInputs& in,
                              RecurrentKept& kept) {
  const int64_t hidden = plan.hidden, gates = plan.gates();
  const bool is_gru = plan.kind == CellKind::gru, is_lstm = plan.kind == CellKind::lstm;
  kept.gates = empty({plan.rows, gates}, like(in.x));
  if (is_gru || is_lstm) kept.kept = empty({plan.rows, hidden}, like(in.x));
  RecurrentResult result{.output = empty({plan.rows, plan.width}, like(in.x)), .last = {}};
  const Tensor& projection = in.weights.projection;
  kept.unprojected = projection.defined() ? empty({plan.rows, hidden}, like(in.x)) : Tensor();
  const Tensor bias = input_bias(plan, in.weights);
  const Tensor scratch = is_gru ? empty({plan.batch, gates}, like(in.x)) : Tensor();
  dispatch_float_double(kOp, in.x.dtype(), [&]<class T>() {
    T* const all = kept.gates.data<T>();
    T* const y = result.output.data<T>();
    T* const h_of_cells = kept.unprojected.defined() ? kept.unprojected.data<T>() : y;
    T* const cells = data_of<T>(kept.kept);
    on_device(in.x.device(), [&](auto stream) {
      kernels::linear_forward<T>(stream, {plan.rows, plan.inputs, gates}, in.x.data<T>(),
                                 in.weights.input.data<T>(), data_of<T>(bias), all);
      for (const RecurrentSegment& s : plan.segments) {
        const T* const h = before_of<T>(s, plan.width, y, in.start.h.data<T>());
        kernels::CellForward<T> step{s.rows, hidden, all + s.row * gates};
        step.before = is_lstm ? before_of<T>(s, hidden, cells, in.start.c.data<T>()) : h;
        step.kept = cells == nullptr ? nullptr : cells + s.row * hidden;
        step.h = h_of_cells + s.row * hidden;
        kernels::GemmShape product{s.rows, gates, plan.width, false, true};
        product.accumulate = !is_gru;
        step.hidden_gates = data_of<T>(scratch);
        kernels::gemm<T>(stream, product, h, in.weights.hidden.data<T>(),
                         is_gru ? data_of<T>(in.weights.hidden_bias) : nullptr,
                         is_gru ? scratch.data<T>() : step.gates);
        kernels::cell_forward<T>(stream, plan.kind, step);
        if (projection.defined())
          kernels::gemm<T>(stream, {s.rows, plan.width, hidden, false, true}, step.h,
                           projection.data<T>(), nullptr, y + s.row * plan.width);
      }
    });
  });
  result.last.h = last_of(plan, result.output);
  if (is_lstm) result.last.c = last_of(plan, kept.kept);
  return result;
}

std::vector<Tensor> run_recurrent_backward(const RecurrentPlan& plan, const RecurrentInputs& in,
                                           const Tensor& output, const RecurrentKept& kept,
                                           const std::vector<Tensor>& gradients,
                                           const std::vector<bool>& needed) {
  const int64_t hidden = plan.hidden, gates = plan.gates();
  const bool is_gru = plan.kind == CellKind::gru, is_lstm = plan.kind == CellKind::lstm;
  const Tensor& projection = in.weights.projection;
  const bool projected = projection.defined();
  const Tensor dy = gradients[0].defined() && !projected ? gradients[0].contiguous() : Tensor();
  const Tensor dstates = projected ? of_states(gradients[0], gradients[1], plan, output) : Tensor();
  const Tensor dh = running(projected ? Tensor() : gradients[1], plan, output);
  const Tensor dstart = projected ? empty({plan.batch, plan.width}, like(output)) : dh;
  const Tensor dc = is_lstm ? running(gradients[2], plan, output) : Tensor();
  const Tensor dgates = empty({plan.rows, gates}, like(output));
  const Tensor dhidden = is_gru ? empty({plan.rows, gates}, like(output)) : dgates;
  Tensor dx, dinput_weight, dhidden_weight, dinput_bias, dhidden_bias, dprojection;
  if (needed[0]) dx = empty(in.x.shape(), like(output));
  if (needed[3]) dinput_weight = empty(in.weights.input.shape(), like(output));
  if (needed[4]) dhidden_weight = zeros(in.weights.hidden.shape(), like(output));
  if (projected && needed[7]) dprojection = empty(projection.shape(), like(output));
  dispatch_float_double(kOp, output.dtype(), [&]<class T>() {
    const T *const y = output.data<T>(), *const cells = data_of<T>(kept.kept);
    const T* const h_of_cells = projected ? kept.unprojected.data<T>() : y;
    on_device(output.device(), [&](auto stream) {
      for (auto at = plan.segments.rbegin(); at != plan.segments.rend(); ++at) {
        const RecurrentSegment& s = *at;
        const T* const h = before_of<T>(s, plan.width, y, in.start.h.data<T>());
        T* const running_dh = dh.data<T>() + s.batch * hidden;
        kernels::CellBackward<T> step{s.rows, hidden, kept.gates.data<T>() + s.row * gates};
        step.before = is_lstm ? before_of<T>(s, hidden, cells, in.start.c.data<T>()) : h;
        step.kept = cells == nullptr ? nullptr : cells + s.row * hidden;
        step.h = h_of_cells + s.row * hidden;
        step.dy = dy.defined() ? dy.data<T>() + s.row * hidden : nullptr;
        step.dh = running_dh;
        step.dc = is_lstm ? dc.data<T>() + s.batch * hidden : nullptr;
        step.dgates = dgates.data<T>() + s.row * gates;
        step.dhidden_gates = dhidden.data<T>() + s.row * gates;
        if (projected)
          kernels::gemm<T>(stream, {s.rows, hidden, plan.width},
                           dstates.data<T>() + s.row * plan.width, projection.data<T>(), nullptr,
                           running_dh);
        kernels::cell_backward<T>(stream, plan.kind, step);
        if (s.before < 0 && !needed[1]) continue;
        const bool adds = projected && s.before >= 0;
        kernels::GemmShape product{s.rows, plan.width, gates};
        product.accumulate = is_gru || adds;
        kernels::gemm<T>(stream, product, dhidden.data<T>() + s.row * gates,
                         in.weights.hidden.data<T>(), nullptr,
                         adds ? dstates.data<T>() + s.before * plan.width
                              : dstart.data<T>() + s.batch * plan.width);
      }
      if (dprojection.defined())
        kernels::gemm<T>(stream, {plan.width, hidden, plan.rows, true}, dstates.data<T>(),
                         kept.unprojected.data<T>(), nullptr, dprojection.data<T>());
      if (dhidden_weight.defined())
        hidden_weight_gradient<T>(stream, plan, dhidden.data<T>(), y, in.start.h.data<T>(),
                                  dhidden_weight.data<T>());
      if (dx.defined() || dinput_weight.defined())
        kernels::linear_backward<T>(stream, {plan.rows, plan.inputs, gates}, in.x.data<T>(),
                                    in.weights.input.data<T>(), dgates.data<T>(),
                                    {data_of<T>(dx), data_of<T>(dinput_weight), nullptr});
    });
  });
  if (needed[5]) dinput_bias = dgates.sum(0);
  if (needed[6]) dhidden_bias = needed[5] && !is_gru ? dinput_bias.clone() : dhidden.sum(0);
  return {dx,
          needed[1] ? dstart : Tensor(),
          needed[2] ? dc : Tensor(),
          dinput_weight,
          dhidden_weight,
          dinput_bias,
          dhidden_bias,
          dprojection};
}

}  // namespace cuttle
