#include "cells.h"

#include <cmath>

#include "../../core/creation.h"
#include "../init.h"

namespace cuttle {
namespace {

Shape weight_shape(const char* name, CellKind kind, int64_t hidden_size, int64_t columns) {
  if (hidden_size < 1 || columns < 1)
    fail(name, ": input_size and hidden_size must be at least 1, got ", columns, " and ",
         hidden_size);
  return {kernels::gates_of(kind) * hidden_size, columns};
}

Tensor empty_bias(bool bias, CellKind kind, int64_t hidden_size) {
  return bias ? empty({kernels::gates_of(kind) * hidden_size}) : Tensor();
}

}  // namespace

CellKind rnn_kind(const char* layer, const std::string& nonlinearity) {
  if (nonlinearity == "tanh") return CellKind::rnn_tanh;
  if (nonlinearity == "relu") return CellKind::rnn_relu;
  fail(layer, ": nonlinearity must be \"tanh\" or \"relu\", got \"", nonlinearity, '"');
}

RecurrentCellBase::RecurrentCellBase(const char* name, CellKind kind, int64_t input_size,
                                     int64_t hidden_size, bool bias)
    : weight_ih(register_parameter("weight_ih",
                                   empty(weight_shape(name, kind, hidden_size, input_size)))),
      weight_hh(register_parameter("weight_hh",
                                   empty(weight_shape(name, kind, hidden_size, hidden_size)))),
      bias_ih(register_parameter("bias_ih", empty_bias(bias, kind, hidden_size))),
      bias_hh(register_parameter("bias_hh", empty_bias(bias, kind, hidden_size))),
      name_(name),
      kind_(kind) {
  reset_parameters();
}

void RecurrentCellBase::reset_parameters() {
  const double bound = 1 / std::sqrt(static_cast<double>(weight_hh.size(1)));
  for (const Parameter* parameter : {&weight_ih, &weight_hh, &bias_ih, &bias_hh})
    if (parameter->defined()) init::uniform_(*parameter, -bound, bound);
}

std::string RecurrentCellBase::extra_repr() const {
  return std::to_string(weight_ih.size(1)) + ", " + std::to_string(weight_hh.size(1)) +
         (bias_ih.defined() ? "" : ", bias=False");
}

RecurrentState RecurrentCellBase::step(const Tensor& input, const RecurrentState& before) const {
  const int64_t inputs = weight_ih.size(1), hidden = weight_hh.size(1);
  if ((input.dim() != 1 && input.dim() != 2) || input.size(-1) != inputs)
    fail(name_, ": expected an input of shape (B, ", inputs, ") or (", inputs, "), got ",
         input.shape());
  const bool batched = input.dim() == 2;
  const Tensor x = batched ? input : input.unsqueeze(0);
  const Shape expected = batched ? Shape{x.size(0), hidden} : Shape{hidden};
  const auto state = [&](const Tensor& given) {
    if (given.defined() && given.shape() != expected)
      fail(name_, ": expected a state of shape ", expected, ", got ", given.shape());
    return given.defined() && !batched ? given.unsqueeze(0) : given;
  };
  const RecurrentState next =
      recurrent_layer(kind_, x, {x.size(0)}, false, {state(before.h), state(before.c)},
                      {weight_ih, weight_hh, bias_ih, bias_hh})
          .last;
  if (batched) return next;
  return {next.h.squeeze(0), next.c.defined() ? next.c.squeeze(0) : next.c};
}

RNNCell::RNNCell(int64_t input_size, int64_t hidden_size, const RNNCellOptions& options)
    : RecurrentCellBase("RNNCell", rnn_kind("RNNCell", options.nonlinearity), input_size,
                        hidden_size, options.bias),
      relu_(options.nonlinearity == "relu") {}

std::string RNNCell::extra_repr() const {
  return RecurrentCellBase::extra_repr() + (relu_ ? ", nonlinearity=relu" : "");
}

LSTMCell::LSTMCell(int64_t input_size, int64_t hidden_size, const CellOptions& options)
    : RecurrentCellBase("LSTMCell", CellKind::lstm, input_size, hidden_size, options.bias) {}

GRUCell::GRUCell(int64_t input_size, int64_t hidden_size, const CellOptions& options)
    : RecurrentCellBase("GRUCell", CellKind::gru, input_size, hidden_size, options.bias) {}

}  // namespace cuttle
