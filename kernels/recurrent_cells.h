// The cells of recurrent layers, element by element, for both backends. `Math` has sigmoid and
// tanh. For the kernels alone.
#pragma once

#include "host_device.h"
#include "recurrent.h"

namespace cuttle::kernels {

/// (Hochreiter and Schmidhuber, "Long short-term memory", 1997; with the forget gate of Gers,
/// Schmidhuber and Cummins, 2000.)
template <class Math>
struct LstmCell {
  template <class T>
  static CUTTLE_HOST_DEVICE void forward(const CellForward<T>& s, int64_t row, int64_t j) {
    const int64_t n = s.hidden, at = row * n + j;
    T* const gate = s.gates + row * 4 * n + j;
    const T i = Math::sigmoid(gate[0]), f = Math::sigmoid(gate[n]);
    const T g = Math::tanh(gate[2 * n]), o = Math::sigmoid(gate[3 * n]);
    const T c = f * s.before[at] + i * g;
    gate[0] = i;
    gate[n] = f;
    gate[2 * n] = g;
    gate[3 * n] = o;
    s.kept[at] = c;
    s.h[at] = o * Math::tanh(c);
  }
  template <class T>
  static CUTTLE_HOST_DEVICE void backward(const CellBackward<T>& s, T dy, int64_t row, int64_t j) {
    const int64_t n = s.hidden, at = row * n + j;
    const T* const gate = s.gates + row * 4 * n + j;
    T* const slope = s.dgates + row * 4 * n + j;
    const T i = gate[0], f = gate[n], g = gate[2 * n], o = gate[3 * n];
    const T bounded = Math::tanh(s.kept[at]), dh = dy + s.dh[at];
    const T dc = s.dc[at] + dh * o * (1 - bounded * bounded);
    slope[0] = dc * g * (i * (1 - i));
    slope[n] = dc * s.before[at] * (f * (1 - f));
    slope[2 * n] = dc * i * (1 - g * g);
    slope[3 * n] = dh * bounded * (o * (1 - o));
    s.dc[at] = dc * f;
  }
};

/// (Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014; the reset gate
/// behind the product, as cuDNN and PyTorch have it.)
template <class Math>
struct GruCell {
  template <class T>
  static CUTTLE_HOST_DEVICE void forward(const CellForward<T>& s, int64_t row, int64_t j) {
    const int64_t n = s.hidden, at = row * n + j;
    T* const gate = s.gates + row * 3 * n + j;
    const T* const own = s.hidden_gates + row * 3 * n + j;
    const T r = Math::sigmoid(gate[0] + own[0]), z = Math::sigmoid(gate[n] + own[n]);
    const T hidden = own[2 * n], candidate = Math::tanh(gate[2 * n] + r * hidden);
    gate[0] = r;
    gate[n] = z;
    gate[2 * n] = candidate;
    s.kept[at] = hidden;
    s.h[at] = candidate + z * (s.before[at] - candidate);
  }
  template <class T>
  static CUTTLE_HOST_DEVICE void backward(const CellBackward<T>& s, T dy, int64_t row, int64_t j) {
    const int64_t n = s.hidden, at = row * n + j;
    const T* const gate = s.gates + row * 3 * n + j;
    T *const slope = s.dgates + row * 3 * n + j, *const own = s.dhidden_gates + row * 3 * n + j;
    const T r = gate[0], z = gate[n], candidate = gate[2 * n];
    const T dh = dy + s.dh[at];
    const T dcandidate = dh * (1 - z) * (1 - candidate * candidate);
    const T dr = dcandidate * s.kept[at] * (r * (1 - r));
    const T dz = dh * (s.before[at] - candidate) * (z * (1 - z));
    slope[0] = own[0] = dr;
    slope[n] = own[n] = dz;
    slope[2 * n] = dcandidate;
    own[2 * n] = dcandidate * r;
    s.dh[at] = dh * z;
  }
};

/// (Elman, "Finding structure in time", 1990.)
template <class Math, bool kRelu>
struct ElmanCell {
  template <class T>
  static CUTTLE_HOST_DEVICE void forward(const CellForward<T>& s, int64_t row, int64_t j) {
    const int64_t at = row * s.hidden + j;
    const T a = s.gates[at];
    s.h[at] = kRelu ? (a < 0 ? T(0) : a) : Math::tanh(a);
  }
  template <class T>
  static CUTTLE_HOST_DEVICE void backward(const CellBackward<T>& s, T dy, int64_t row, int64_t j) {
    const int64_t at = row * s.hidden + j;
    const T h = s.h[at], dh = dy + s.dh[at];
    s.dgates[at] = kRelu ? (h > 0 ? dh : T(0)) : dh * (1 - h * h);
  }
};

/// f.template operator()<Cell>() with the cell of that kind.
template <class Math, class F>
void for_cell(CellKind kind, const F& f) {
  switch (kind) {
    case CellKind::rnn_tanh:
      return f.template operator()<ElmanCell<Math, false>>();
    case CellKind::rnn_relu:
      return f.template operator()<ElmanCell<Math, true>>();
    case CellKind::lstm:
      return f.template operator()<LstmCell<Math>>();
    case CellKind::gru:
      return f.template operator()<GruCell<Math>>();
  }
}

}  // namespace cuttle::kernels
