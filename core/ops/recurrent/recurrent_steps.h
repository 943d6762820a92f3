// The order in which a packed batch is walked, and a layer's passes over it. For
// core/ops/recurrent alone.
#pragma once

#include "recurrent.h"

namespace cuttle {

/// Rows that are computed together: `rows` from `row` on, of the sequences from `batch` on, whose
/// step before lies in the rows from `before` on; −1: in the starting state.
struct RecurrentSegment {
  int64_t row = 0, batch = 0, rows = 0, before = -1;
};

struct RecurrentPlan {
  CellKind kind = CellKind::lstm;
  bool reverse = false;
  std::vector<int64_t> batch_sizes;
  int64_t rows = 0, batch = 0, inputs = 0, hidden = 0;
  int64_t width = 0;                            // columns of h: those of a projection, or hidden
  std::vector<RecurrentSegment> segments = {};  // in the order of the forward
  std::vector<RecurrentSegment> last = {};      // where the sequences' last states are; no `before`

  int64_t gates() const { return kernels::gates_of(kind) * hidden; }
};

RecurrentPlan plan_recurrent(CellKind kind, const std::vector<int64_t>& batch_sizes, bool reverse,
                             int64_t inputs, int64_t hidden, int64_t width);

/// The operation's tensors, on no tape; start.h and, for lstm, start.c are defined.
struct RecurrentInputs {
  Tensor x;
  RecurrentState start;
  RecurrentWeights weights;
};

/// What the forward leaves for the backward: the gates (rows, G · H), c (lstm) or the hidden part
/// of the candidate (gru), (rows, H), and what was projected, (rows, H).
struct RecurrentKept {
  Tensor gates, kept, unprojected;
};

RecurrentResult run_recurrent(const RecurrentPlan& plan, const RecurrentInputs& in,
                              RecurrentKept& kept);

/// The gradients of x, h, c, the weights, the biases and the projection, in the order of
/// RecurrentInputs, from those of output, last.h and last.c, any of which may be undefined.
std::vector<Tensor> run_recurrent_backward(const RecurrentPlan& plan, const RecurrentInputs& in,
                                           const Tensor& output, const RecurrentKept& kept,
                                           const std::vector<Tensor>& gradients,
                                           const std::vector<bool>& needed);

/// The same as run_recurrent by recorded operations, step by step: output, last.h and last.c.
std::vector<Tensor> composed_recurrent(const RecurrentPlan& plan, const RecurrentInputs& in);

}  // namespace cuttle
