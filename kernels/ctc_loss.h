// Connectionist temporal classification: the probability of a label sequence under all alignments
// with a longer sequence of frames. (Graves, Fernández, Gomez and Schmidhuber, "Connectionist
// temporal classification", 2006.)
#pragma once

#include <cstdint>

#include "stream.h"

namespace cuttle::kernels {

struct CtcShape {
  int64_t frames = 0, batch = 0, classes = 0;  // T, N, C ≥ 1
  int64_t longest = 0;                         // S: the most labels of a target
  int64_t blank = 0;
  bool zero_infinity = false;  // no alignment fits: loss and gradient 0 in place of ∞ and NaN

  /// Between labels, before and after them is a blank, which may be skipped.
  int64_t states() const { return 2 * longest + 1; }
};

template <class T>
struct CtcInputs {
  const T* log_probs = nullptr;             // (T, N, C)
  const int64_t* targets = nullptr;         // labels, those of sample n from starts[n] on
  const int64_t* starts = nullptr;          // (N)
  const int64_t* target_lengths = nullptr;  // (N), ≤ S
  const int64_t* input_lengths = nullptr;   // (N), ≤ T: frames behind do not count
};

/// loss (N) = −log_p (N), log_p the logarithm of Σ over alignments of the product of probabilities.
/// alpha (N, T, 2S + 1): the logarithm of the sum over beginnings of alignments that are in state s
/// at frame t; of states and frames that a sample has not, undefined. Everything is accumulated in
/// double. A label outside of [0, C) makes its sample's loss NaN. T: float, double.
template <class T>
void ctc_loss_forward(cpu::Stream, const CtcShape& shape, const CtcInputs<T>& in, double* alpha,
                      double* log_p, T* loss);
template <class T>
void ctc_loss_forward(cuda::Stream, const CtcShape& shape, const CtcInputs<T>& in, double* alpha,
                      double* log_p, T* loss);

/// dx (T, N, C) = −dloss (N) · the probability, given the target, that frame t stands for class c:
/// the derivative by each log-probability as a number of its own, with no thought of a softmax
/// before it. beta (N, T, 2S + 1): scratch. Deterministic.
template <class T>
void ctc_loss_backward(cpu::Stream, const CtcShape& shape, const CtcInputs<T>& in,
                       const double* alpha, const double* log_p, const T* dloss, double* beta,
                       T* dx);
template <class T>
void ctc_loss_backward(cuda::Stream, const CtcShape& shape, const CtcInputs<T>& in,
                       const double* alpha, const double* log_p, const T* dloss, double* beta,
                       T* dx);

}  // namespace cuttle::kernels
