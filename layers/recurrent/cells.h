// RNNCell, LSTMCell and GRUCell: one time step.
#pragma once

#include <string>
#include <vector>

#include "../../core/ops/recurrent/recurrent.h"
#include "../module.h"

namespace cuttle {

/// For hooks: of an LSTMCell.
inline std::vector<Tensor*> tensors_of(RecurrentState& state) {
  return {&state.h, &state.c};
}

struct CellOptions {
  bool bias = true;
};
struct RNNCellOptions {
  bool bias = true;
  std::string nonlinearity = "tanh";  // or "relu"
};

/// "tanh" or "relu"; throws Error, for the layer of that name, for anything else.
CellKind rnn_kind(const char* layer, const std::string& nonlinearity);

/// What the cells share: weight_ih (G · H, I), weight_hh (G · H, H), bias_ih and bias_hh (G · H),
/// all of which start uniform on ±1 / √H, PyTorch's values.
class RecurrentCellBase : public Module {
 public:
  std::string extra_repr() const override;
  /// Draws the initial values anew.
  void reset_parameters();

  Parameter& weight_ih;
  Parameter& weight_hh;
  Parameter& bias_ih;  // these two undefined without bias
  Parameter& bias_hh;

 protected:
  RecurrentCellBase(const char* name, CellKind kind, int64_t input_size, int64_t hidden_size,
                    bool bias);
  /// input (B, I) or (I), states (B, H) or (H), undefined for zeros.
  RecurrentState step(const Tensor& input, const RecurrentState& before) const;

 private:
  const char* name_;
  CellKind kind_;
};

/// torch.nn.RNNCell: input (B, input_size) or (input_size), h (B, H) or (H), zeros where undefined;
/// gives the next h.
class RNNCell : public RecurrentCellBase {
 public:
  /// Throws Error for sizes below 1 and another nonlinearity.
  RNNCell(int64_t input_size, int64_t hidden_size, const RNNCellOptions& options = {});

  std::string extra_repr() const override;
  Tensor forward(const Tensor& input) override { return forward(input, {}); }
  Tensor forward(const Tensor& input, const Tensor& h) { return step(input, {h, {}}).h; }
  Tensor operator()(const Tensor& input, const Tensor& h = {}) {
    return call([this](const Tensor& x, const Tensor& h_0) { return forward(x, h_0); }, input, h);
  }

 private:
  bool relu_;
};

/// torch.nn.LSTMCell: h and c, both zeros where undefined; gives the next h and c. As an element of
/// a Sequential it gives h alone.
class LSTMCell : public RecurrentCellBase {
 public:
  LSTMCell(int64_t input_size, int64_t hidden_size, const CellOptions& options = {});

  Tensor forward(const Tensor& input) override { return forward(input, {}, {}).h; }
  RecurrentState forward(const Tensor& input, const Tensor& h, const Tensor& c) {
    return step(input, {h, c});
  }
  RecurrentState operator()(const Tensor& input, const Tensor& h = {}, const Tensor& c = {}) {
    return call([this](const Tensor& x, const Tensor& h_0,
                       const Tensor& c_0) { return forward(x, h_0, c_0); },
                input, h, c);
  }
};

/// torch.nn.GRUCell: as RNNCell.
class GRUCell : public RecurrentCellBase {
 public:
  GRUCell(int64_t input_size, int64_t hidden_size, const CellOptions& options = {});

  Tensor forward(const Tensor& input) override { return forward(input, {}); }
  Tensor forward(const Tensor& input, const Tensor& h) { return step(input, {h, {}}).h; }
  Tensor operator()(const Tensor& input, const Tensor& h = {}) {
    return call([this](const Tensor& x, const Tensor& h_0) { return forward(x, h_0); }, input, h);
  }
};

}  // namespace cuttle
