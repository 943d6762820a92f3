#include "rnn.h"

#include "cells.h"

namespace cuttle {
namespace {

PackedSequence with_data(PackedSequence sequence, const Tensor& data) {
  sequence.data = data;
  return sequence;
}

}  // namespace

RNN::RNN(int64_t input_size, int64_t hidden_size, const RNNOptions& options)
    : RecurrentBase("RNN", rnn_kind("RNN", options.nonlinearity), input_size, hidden_size,
                    {.num_layers = options.num_layers,
                     .bias = options.bias,
                     .batch_first = options.batch_first,
                     .dropout = options.dropout,
                     .bidirectional = options.bidirectional}) {
  constructed_from<RNN>(input_size, hidden_size, options);
}

RNNOutput RNN::forward(const Tensor& input, const Tensor& h_0) {
  const Result result = run(input, {h_0, {}});
  return {result.output, result.h};
}
PackedRNNOutput RNN::operator()(const PackedSequence& input, const Tensor& h_0) {
  return call(
      [&](const Tensor& data, const Tensor& h) -> PackedRNNOutput {
        const PackedResult result = run(with_data(input, data), {h, {}});
        return {result.output, result.h};
      },
      input.data, h_0);
}

LSTM::LSTM(int64_t input_size, int64_t hidden_size, const RecurrentOptions& options)
    : RecurrentBase("LSTM", CellKind::lstm, input_size, hidden_size, options) {
  constructed_from<LSTM>(input_size, hidden_size, options);
}

LSTMOutput LSTM::forward(const Tensor& input, const Tensor& h_0, const Tensor& c_0) {
  const Result result = run(input, {h_0, c_0});
  return {result.output, result.h, result.c};
}
PackedLSTMOutput LSTM::operator()(const PackedSequence& input, const Tensor& h_0,
                                  const Tensor& c_0) {
  return call(
      [&](const Tensor& data, const Tensor& h, const Tensor& c) -> PackedLSTMOutput {
        const PackedResult result = run(with_data(input, data), {h, c});
        return {result.output, result.h, result.c};
      },
      input.data, h_0, c_0);
}

GRU::GRU(int64_t input_size, int64_t hidden_size, const RecurrentOptions& options)
    : RecurrentBase("GRU", CellKind::gru, input_size, hidden_size, options) {
  constructed_from<GRU>(input_size, hidden_size, options);
}

RNNOutput GRU::forward(const Tensor& input, const Tensor& h_0) {
  const Result result = run(input, {h_0, {}});
  return {result.output, result.h};
}
PackedRNNOutput GRU::operator()(const PackedSequence& input, const Tensor& h_0) {
  return call(
      [&](const Tensor& data, const Tensor& h) -> PackedRNNOutput {
        const PackedResult result = run(with_data(input, data), {h, {}});
        return {result.output, result.h};
      },
      input.data, h_0);
}

}  // namespace cuttle
