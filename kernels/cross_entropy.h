// Softmax and negative log likelihood in one pass, with PyTorch's weights, ignored class and label
// smoothing.
#pragma once

#include <cstdint>

#include "loss_reduction.h"
#include "stream.h"

namespace cuttle::kernels {

struct CrossEntropyShape {
  int64_t rows = 0, classes = 0;
  int64_t ignore_index = -100;  // rows with this target count for nothing
  double label_smoothing = 0;   // ε in [0, 1]
  LossReduction reduction = LossReduction::mean;
};

/// With p = softmax(x[r]), t = target[r], weights w (1 where `weight` is nullptr), K ≥ 1 classes:
///   loss_r = (1 − ε) · w_t · (−log p_t) + ε/K · Σ_k w_k · (−log p_k),   0 for an ignored row
/// Adding a number to a whole row changes nothing but by the rounding of that addition.
/// loss: (rows) for none; one element for sum and mean (mean divides by the sum of w_t over the
/// rows that are not ignored; with no such row it is NaN, as in PyTorch). Written for the backward:
///   terms (rows, 2): m = max x[r], and l = log Σ exp(x[r] − m), so that p_k = exp((x_k − m) − l);
///   their sum would lose l's digits where logits are large. l is NaN where the row holds a NaN,
///   +inf, or −inf alone;
///   total_weight (1), the divisor of mean.
/// Sums are accumulated in double on the CPU, in a fixed order on the GPU. A target outside
/// [0, classes) that is not ignore_index: the CPU throws Error; the GPU makes the row's loss NaN
/// and reports it at the next synchronisation (see cuda_runtime.h). T: float, double.
template <class T>
void cross_entropy_forward(cpu::Stream, const CrossEntropyShape& shape, const T* x,
                           const int64_t* target, const T* weight, T* loss, T* terms,
                           T* total_weight);
template <class T>
void cross_entropy_forward(cuda::Stream, const CrossEntropyShape& shape, const T* x,
                           const int64_t* target, const T* weight, T* loss, T* terms,
                           T* total_weight);

/// What the forward left behind.
template <class T>
struct CrossEntropySaved {
  const T* x = nullptr;             // (rows, classes)
  const int64_t* target = nullptr;  // (rows)
  const T* weight = nullptr;        // (classes) or nullptr
  const T* terms = nullptr;         // (rows, 2)
  const T* total_weight = nullptr;  // (1)
};

/// Overwrites dx (rows, classes). dloss: (rows) for none, else one element. An ignored row's is 0,
/// or NaN where its l is NaN, as in PyTorch.
template <class T>
void cross_entropy_backward(cpu::Stream, const CrossEntropyShape& shape,
                            const CrossEntropySaved<T>& saved, const T* dloss, T* dx);
template <class T>
void cross_entropy_backward(cuda::Stream, const CrossEntropyShape& shape,
                            const CrossEntropySaved<T>& saved, const T* dloss, T* dx);

}  // namespace cuttle::kernels
