// RNN, LSTM and GRU.
#pragma once

#include <string>

#include "recurrent_base.h"

namespace cuttle {

/// What a recurrent layer gives: output (T, B, D · H), with D = 2 where bidirectional, laid out as
/// the input is, and the last states (D · num_layers, B, H).
struct RNNOutput {
  Tensor output, h_n;
};
struct LSTMOutput {
  Tensor output, h_n, c_n;
};
struct PackedRNNOutput {
  PackedSequence output;
  Tensor h_n;
};
struct PackedLSTMOutput {
  PackedSequence output;
  Tensor h_n, c_n;
};

/// For hooks.
inline std::vector<Tensor*> tensors_of(RNNOutput& out) {
  return {&out.output, &out.h_n};
}
inline std::vector<Tensor*> tensors_of(LSTMOutput& out) {
  return {&out.output, &out.h_n, &out.c_n};
}
inline std::vector<Tensor*> tensors_of(PackedRNNOutput& out) {
  return {&out.output.data, &out.h_n};
}
inline std::vector<Tensor*> tensors_of(PackedLSTMOutput& out) {
  return {&out.output.data, &out.h_n, &out.c_n};
}

/// RecurrentOptions and the nonlinearity.
struct RNNOptions {
  int64_t num_layers = 1;
  std::string nonlinearity = "tanh";  // or "relu"
  bool bias = true;
  bool batch_first = false;
  double dropout = 0;  // behind each layer but the last, in training
  bool bidirectional = false;
};

/// torch.nn.RNN: h ← tanh(W_ih · x + b_ih + W_hh · h + b_hh), or relu. Input (T, B, input_size), or
/// (B, T, input_size) with batch_first, or (T, input_size), or packed; h_0 (D · num_layers, B, H),
/// zeros where undefined. As an element of a Sequential it gives its output alone.
class RNN : public RecurrentBase {
 public:
  /// Throws Error for sizes below 1, a dropout outside [0, 1] and another nonlinearity.
  RNN(int64_t input_size, int64_t hidden_size, const RNNOptions& options = {});

  Tensor forward(const Tensor& input) override { return forward(input, {}).output; }
  RNNOutput forward(const Tensor& input, const Tensor& h_0);
  RNNOutput operator()(const Tensor& input, const Tensor& h_0 = {}) {
    return call([this](const Tensor& x, const Tensor& h) { return forward(x, h); }, input, h_0);
  }
  PackedRNNOutput operator()(const PackedSequence& input, const Tensor& h_0 = {});
};

/// torch.nn.LSTM (kernels/recurrent.h has the formulas): input as for RNN, h_0 and c_0 both or
/// none of them. With proj_size P the h of each step is weight_hr · h, so that output and h_n have
/// P columns where c_n has H (Sak et al., "Long Short-Term Memory Based Recurrent Neural Network
/// Architectures for Large Vocabulary Speech Recognition", 2014).
class LSTM : public RecurrentBase {
 public:
  LSTM(int64_t input_size, int64_t hidden_size, const RecurrentOptions& options = {});

  Tensor forward(const Tensor& input) override { return forward(input, {}, {}).output; }
  LSTMOutput forward(const Tensor& input, const Tensor& h_0, const Tensor& c_0);
  LSTMOutput operator()(const Tensor& input, const Tensor& h_0 = {}, const Tensor& c_0 = {}) {
    return call(
        [this](const Tensor& x, const Tensor& h, const Tensor& c) { return forward(x, h, c); },
        input, h_0, c_0);
  }
  PackedLSTMOutput operator()(const PackedSequence& input, const Tensor& h_0 = {},
                              const Tensor& c_0 = {});
};

/// torch.nn.GRU: input and state as for RNN.
class GRU : public RecurrentBase {
 public:
  GRU(int64_t input_size, int64_t hidden_size, const RecurrentOptions& options = {});

  Tensor forward(const Tensor& input) override { return forward(input, {}).output; }
  RNNOutput forward(const Tensor& input, const Tensor& h_0);
  RNNOutput operator()(const Tensor& input, const Tensor& h_0 = {}) {
    return call([this](const Tensor& x, const Tensor& h) { return forward(x, h); }, input, h_0);
  }
  PackedRNNOutput operator()(const PackedSequence& input, const Tensor& h_0 = {});
};

}  // namespace cuttle
