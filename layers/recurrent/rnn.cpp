#include "rnn.h"

#include "cells.h"

namespace cuttle {

RNN::RNN(int64_t input_size, int64_t hidden_size, const RNNOptions& options)
    : RecurrentBase("RNN", rnn_kind("RNN", options.nonlinearity), input_size, hidden_size,
                    {.num_layers = options.num_layers,
                     .bias = options.bias,
                     .batch_first = options.batch_first,
                     .dropout = options.dropout,
                     .bidirectional = options.bidirectional}) {}

RNNOutput RNN::forward(const Tensor& input, const Tensor& h_0) {
  const Result result = run(input, {h_0, {}});
  return {result.output, result.h};
}
PackedRNNOutput RNN::operator()(const PackedSequence& input, const Tensor& h_0) {
  return with_path([&]() -> PackedRNNOutput {
    const PackedResult result = run(input, {h_0, {}});
    return {result.output, result.h};
  });
}

LSTM::LSTM(int64_t input_size, int64_t hidden_size, const RecurrentOptions& options)
    : RecurrentBase("LSTM", CellKind::lstm, input_size, hidden_size, options) {}

LSTMOutput LSTM::forward(const Tensor& input, const Tensor& h_0, const Tensor& c_0) {
  const Result result = run(input, {h_0, c_0});
  return {result.output, result.h, result.c};
}
PackedLSTMOutput LSTM::operator()(const PackedSequence& input, const Tensor& h_0,
                                  const Tensor& c_0) {
  return with_path([&]() -> PackedLSTMOutput {
    const PackedResult result = run(input, {h_0, c_0});
    return {result.output, result.h, result.c};
  });
}

GRU::GRU(int64_t input_size, int64_t hidden_size, const RecurrentOptions& options)
    : RecurrentBase("GRU", CellKind::gru, input_size, hidden_size, options) {}

RNNOutput GRU::forward(const Tensor& input, const Tensor& h_0) {
  const Result result = run(input, {h_0, {}});
  return {result.output, result.h};
}
PackedRNNOutput GRU::operator()(const PackedSequence& input, const Tensor& h_0) {
  return with_path([&]() -> PackedRNNOutput {
    const PackedResult result = run(input, {h_0, {}});
    return {result.output, result.h};
  });
}

}  // namespace cuttle
