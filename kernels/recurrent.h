// One time step of a recurrent layer behind its matrix products: gates, cell and hidden state.
#pragma once

#include <cstdint>

#include "stream.h"

namespace cuttle::kernels {

enum class CellKind { rnn_tanh, rnn_relu, lstm, gru };

/// Blocks of `hidden` columns that a row of gates has.
constexpr int64_t gates_of(CellKind kind) {
  return kind == CellKind::lstm ? 4 : kind == CellKind::gru ? 3 : 1;
}

/// With G = gates_of(kind), all arrays dense and row-major; σ is the logistic function.
///   rnn_tanh, rnn_relu:  h = tanh(a), max(a, 0)
///   lstm, (i, f, g, o):  c = σ(f) · before + σ(i) · tanh(g), h = σ(o) · tanh(c)
///   gru, (r, z, n):      n' = tanh(n + σ(r + r_h) · n_h), h = n' + σ(z + z_h) · (before − n')
template <class T>
struct CellForward {
  int64_t rows = 0, hidden = 0;  // either may be 0
  /// (rows, G · hidden), of input and hidden state together, for gru of the input alone. Becomes
  /// what the functions give, for the backward; of rnn it is left as it is.
  T* gates = nullptr;
  const T* hidden_gates = nullptr;  // (rows, 3 · hidden), gru alone: (r_h, z_h, n_h)
  const T* before = nullptr;        // (rows, hidden): the step before's c (lstm) or h (gru)
  T* kept = nullptr;                // (rows, hidden): c (lstm), n_h (gru)
  T* h = nullptr;                   // (rows, hidden)
};

/// T: float, double.
template <class T>
void cell_forward(cpu::Stream, CellKind kind, const CellForward<T>& step);
template <class T>
void cell_forward(cuda::Stream, CellKind kind, const CellForward<T>& step);

template <class T>
struct CellBackward {
  int64_t rows = 0, hidden = 0;
  const T* gates = nullptr;   // what the forward left in these four; gates not read by rnn
  const T* before = nullptr;  // as above
  const T* kept = nullptr;
  const T* h = nullptr;   // read by rnn alone
  const T* dy = nullptr;  // (rows, hidden): of h as an output; nullptr: none
  /// (rows, hidden): of h by the next step. gru writes there what reaches `before` without a
  /// product.
  T* dh = nullptr;
  T* dc = nullptr;  // (rows, hidden), lstm alone: of c by the next step, becomes that of `before`
  T* dgates = nullptr;         // (rows, G · hidden)
  T* dhidden_gates = nullptr;  // (rows, 3 · hidden), gru alone
};

/// The gradients of what the forward read. T: float, double.
template <class T>
void cell_backward(cpu::Stream, CellKind kind, const CellBackward<T>& step);
template <class T>
void cell_backward(cuda::Stream, CellKind kind, const CellBackward<T>& step);

}  // namespace cuttle::kernels
