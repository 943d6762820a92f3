// Losses that compare tensors element by element: value and reduction in one pass, the gradient in
// another. What each computes: kernels/pointwise_loss_table.h.
#pragma once

#include <cstdint>

#include "loss_reduction.h"
#include "stream.h"

namespace cuttle::kernels {

enum class PointwiseLoss : uint8_t {
  l1,
  mse,
  smooth_l1,                 // parameter 0: beta
  huber,                     // 0: delta
  bce,                       // of probabilities
  bce_with_logits,           //
  bce_with_logits_weighted,  // operand 2: the weight of the positive class
  kl_div,
  kl_div_log_target,
  poisson_nll,           // 0: eps
  poisson_nll_full,      // the same with Stirling's formula
  poisson_nll_log,       // of the rate's logarithm
  poisson_nll_log_full,  //
  gaussian_nll,          // operand 2: the variance; 0: its least value, 1: what is added
  soft_margin,
  hinge_embedding,  // 0: margin
  margin_ranking,   // operands: both inputs, the target; 0: margin
};

inline constexpr int kMostLossOperands = 3;
inline constexpr int kMostLossParameters = 2;

/// Dense arrays of n elements each, in one order; those that a loss does not have are not read.
template <class T>
struct PointwiseLossInputs {
  int64_t n = 0;
  const T* operand[kMostLossOperands] = {};
  T parameter[kMostLossParameters] = {};
};

/// loss (n) for none; else one element: the sum, divided by n for mean (0/0 of nothing is NaN, as
/// in PyTorch). The sum's order follows from n alone: on the CPU in double, on the GPU compensated
/// in T within a thread and in double across threads. T: float, double.
template <class T>
void pointwise_loss_forward(cpu::Stream, PointwiseLoss op, LossReduction reduction,
                            const PointwiseLossInputs<T>& in, T* loss);
template <class T>
void pointwise_loss_forward(cuda::Stream, PointwiseLoss op, LossReduction reduction,
                            const PointwiseLossInputs<T>& in, T* loss);

/// dx (n) = the derivative by operand `k`, times dloss (n) for none, else times the one dloss,
/// divided by n for mean. The same bits on both devices where the formula needs no function of the
/// C library.
template <class T>
void pointwise_loss_backward(cpu::Stream, PointwiseLoss op, LossReduction reduction, int k,
                             const PointwiseLossInputs<T>& in, const T* dloss, T* dx);
template <class T>
void pointwise_loss_backward(cuda::Stream, PointwiseLoss op, LossReduction reduction, int k,
                             const PointwiseLossInputs<T>& in, const T* dloss, T* dx);

}  // namespace cuttle::kernels
