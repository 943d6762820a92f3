// A recurrent layer by recorded operations, for derivatives of higher order.
#include "../../creation.h"
#include "../arithmetic.h"
#include "../elementwise.h"
#include "../linear.h"
#include "recurrent_steps.h"

namespace cuttle {
namespace {

// The state of some sequences after one more step.
RecurrentState next_state(CellKind kind, const Tensor& input, const Tensor& hidden,
                          const RecurrentState& before) {
  switch (kind) {
    case CellKind::rnn_tanh:
      return {(input + hidden).tanh(), {}};
    case CellKind::rnn_relu:
      return {(input + hidden).relu(), {}};
    case CellKind::lstm: {
      const std::vector<Tensor> gate = (input + hidden).chunk(4, 1);
      const Tensor c = gate[1].sigmoid() * before.c + gate[0].sigmoid() * gate[2].tanh();
      return {gate[3].sigmoid() * c.tanh(), c};
    }
    case CellKind::gru: {
      const std::vector<Tensor> x = input.chunk(3, 1), h = hidden.chunk(3, 1);
      const Tensor candidate = (x[2] + (x[0] + h[0]).sigmoid() * h[2]).tanh();
      return {candidate + (x[1] + h[1]).sigmoid() * (before.h - candidate), {}};
    }
  }
  return {};
}

// The state of all sequences, of which the first ones are new.
Tensor replaced(const Tensor& all, const Tensor& first) {
  if (!all.defined() || first.size(0) == all.size(0)) return first;
  return cat({first, all.narrow(0, first.size(0), all.size(0) - first.size(0))});
}

}  // namespace

std::vector<Tensor> composed_recurrent(const RecurrentPlan& plan, const RecurrentInputs& in) {
  const Tensor gates = linear(in.x, in.weights.input, in.weights.input_bias);
  RecurrentState state = in.start;
  const size_t steps = plan.batch_sizes.size();
  std::vector<Tensor> outputs(steps);
  int64_t row = plan.reverse ? plan.rows : 0;
  for (size_t step = 0; step < steps; ++step) {
    const size_t t = plan.reverse ? steps - 1 - step : step;
    const int64_t count = plan.batch_sizes[t];
    if (plan.reverse) row -= count;
    RecurrentState before{state.h.narrow(0, 0, count), {}};
    if (state.c.defined()) before.c = state.c.narrow(0, 0, count);
    const Tensor hidden = linear(before.h, in.weights.hidden, in.weights.hidden_bias);
    RecurrentState next = next_state(plan.kind, gates.narrow(0, row, count), hidden, before);
    if (in.weights.projection.defined()) next.h = linear(next.h, in.weights.projection);
    outputs[t] = next.h;
    state.h = replaced(state.h, next.h);
    if (state.c.defined()) state.c = replaced(state.c, next.c);
    if (!plan.reverse) row += count;
  }
  std::vector<Tensor> results{cat(outputs), state.h};
  if (state.c.defined()) results.push_back(state.c);
  return results;
}

}  // namespace cuttle
