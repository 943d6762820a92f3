// What RNN, LSTM and GRU share: parameters, and the walk over layers and directions.
#pragma once

#include <array>

#include "../../core/ops/recurrent/recurrent.h"
#include "../module.h"
#include "packed_sequence.h"

namespace cuttle {

struct RecurrentOptions {
  int64_t num_layers = 1;
  bool bias = true;
  bool batch_first = false;
  double dropout = 0;  // behind each layer but the last, in training
  bool bidirectional = false;
  int64_t proj_size = 0;  // LSTM alone: columns that its h is projected to, below hidden_size
};

/// Layer k has weight_ih_lk (G · H, I), weight_hh_lk (G · H, H), bias_ih_lk and bias_hh_lk (G · H),
/// and, bidirectional, the same with "_reverse" behind; all start uniform on ±1 / √H, PyTorch's
/// values. With proj_size P weight_hh_lk is (G · H, P), and weight_hr_lk (P, H) comes last.
class RecurrentBase : public Module {
 public:
  std::string extra_repr() const override;
  /// Draws the initial values anew.
  void reset_parameters();

  int64_t input_size() const noexcept { return input_size_; }
  int64_t hidden_size() const noexcept { return hidden_size_; }
  const RecurrentOptions& options() const noexcept { return options_; }
  /// The parameters of a layer and direction; biases are undefined without.
  RecurrentWeights weights(int64_t layer, bool reverse = false) const;

 protected:
  /// Throws Error for sizes and a number of layers below 1, a dropout outside [0, 1], and a
  /// proj_size that is not in [0, hidden_size), or not 0 where there is no lstm.
  RecurrentBase(std::string name, CellKind kind, int64_t input_size, int64_t hidden_size,
                const RecurrentOptions& options);

  /// h (directions · num_layers, B, width()) and c (…, H), c for lstm alone.
  struct Result {
    Tensor output, h, c;
  };
  /// input (T, B, I), (B, T, I) with batch_first, or (T, I); states to match, or undefined.
  Result run(const Tensor& input, const RecurrentState& start) const;
  struct PackedResult {
    PackedSequence output;
    Tensor h, c;
  };
  PackedResult run(const PackedSequence& input, const RecurrentState& start) const;

 private:
  int64_t directions() const { return options_.bidirectional ? 2 : 1; }
  int64_t width() const { return options_.proj_size > 0 ? options_.proj_size : hidden_size_; }
  Result run_rows(const Tensor& rows, const std::vector<int64_t>& batch_sizes,
                  const RecurrentState& start) const;
  void check_state(const char* what, const Tensor& state, const Shape& expected) const;

  std::string name_;
  CellKind kind_;
  int64_t input_size_, hidden_size_;
  RecurrentOptions options_;
  std::vector<std::array<Parameter*, 5>> parameters_;  // by layer, then direction
};

}  // namespace cuttle
