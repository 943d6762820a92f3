// One layer and direction of a recurrent network, over all time steps.
#pragma once

#include <vector>

#include "../../../kernels/recurrent.h"
#include "../../tensor.h"

namespace cuttle {

using kernels::CellKind;

/// What a layer learns, of G · hidden rows (G = 4 for lstm, 3 for gru, 1): input (G · H, I), hidden
/// (G · H, H), and biases (G · H), both or none of them undefined. An lstm with a projection (P, H)
/// hands on h = projection · σ(o) · tanh(c), of P columns, and its hidden weight is (4 · H, P).
struct RecurrentWeights {
  Tensor input, hidden, input_bias, hidden_bias;
  Tensor projection = {};  // undefined: none, and P = H below
};

/// What a layer starts from, h (B, P) and c (B, H); undefined: zeros. c is lstm's alone.
struct RecurrentState {
  Tensor h = {}, c = {};
};

struct RecurrentResult {
  Tensor output;  // (rows, P), packed as the input is
  RecurrentState
      last;  // h (B, P), c (B, H): of each sequence, after its last step; c undefined but for lstm
};

/// x (rows, I) holds time steps one behind the other: step t has the rows of the first
/// batch_sizes[t] sequences, so that batch_sizes does not rise and B = batch_sizes[0]. Each
/// sequence is read from its first step to its last, or with `reverse` the other way round. The
/// cells' formulas: kernels/recurrent.h.
///
/// The inputs of all steps are one product, and so is each weight's gradient; between them a step
/// is one product (two with a projection) and one kernel, forward and backward. One operation on
/// the tape, differentiable any number of times. float16 and bfloat16 are computed in float32.
/// Throws Error where shapes, dtypes or devices do not fit.
RecurrentResult recurrent_layer(CellKind kind, const Tensor& x,
                                const std::vector<int64_t>& batch_sizes, bool reverse,
                                const RecurrentState& start, const RecurrentWeights& weights);

}  // namespace cuttle
