// Scaled dot-product attention that never stores the matrix of scores.
//
// After Dao, "FlashAttention-2: faster attention with better parallelism and work partitioning"
// (2023): an online softmax over tiles of keys in the forward, which keeps one number a row, the
// logarithm of the sum of exponentials, and a backward that computes each tile of scores again.
#pragma once

#include <cstdint>

#include "host_device.h"
#include "philox.h"
#include "stream.h"

namespace cuttle::kernels {

/// Any size but width may be 0; width and value_width are at most kMostHeadWidth.
struct AttentionShape {
  int64_t batch = 0, heads = 0;
  int64_t queries = 0, keys = 0;
  int64_t width = 0, value_width = 0;  // elements of a query or key, and of a value
  double scale = 1;
  bool causal = false;  // query i sees the keys j ≤ i alone
  /// Each weight is kept with probability keep and divided by it. The weight of (b, h, i, j) is
  /// kept where 32 bits of Philox, by its row-major index, say so: what Bernoulli of
  /// kernels/distributions.h draws.
  double keep = 1;
  PhiloxAt random = {};

  CUTTLE_HOST_DEVICE int64_t head_count() const { return batch * heads; }
};

inline constexpr int64_t kMostHeadWidth = 256;

/// Rows of elements that are neighbours, a matrix for each (batch, head); steps in elements. A row
/// step is at least the row's length. `at` is nullptr where a gradient is not wanted.
template <class T>
struct HeadRows {
  T* at = nullptr;
  int64_t batch = 0, head = 0, row = 0;

  CUTTLE_HOST_DEVICE T* of(int64_t b, int64_t h) const { return at + b * batch + h * head; }
};

/// What is done to the scores (batch, heads, queries, keys), any step of which may be 0: `added` to
/// them, or kept where `allowed`, else −∞. At most one of the two.
template <class T>
struct AttentionMask {
  const T* added = nullptr;
  const bool* allowed = nullptr;
  int64_t batch = 0, head = 0, row = 0, column = 0;
};

template <class T>
struct AttentionOperands {
  HeadRows<const T> query, key, value;
  AttentionMask<T> mask;
};

/// out = dropout(softmax(scale · query · keyᵀ, masked)) · value, row by row; terms (batch, heads,
/// queries), dense, is log Σ exp of the row's scores, and +∞ where all of them are masked: the row
/// of out is then 0. T: float, double.
template <class T>
void attention_forward(cpu::Stream, const AttentionShape& shape, const AttentionOperands<T>& in,
                       const HeadRows<T>& out, T* terms);
template <class T>
void attention_forward(cuda::Stream, const AttentionShape& shape, const AttentionOperands<T>& in,
                       const HeadRows<T>& out, T* terms);

/// What the forward left, and the gradient of out. dots (batch, heads, queries) is scratch memory,
/// for Σ dout · out of each row.
template <class T>
struct AttentionSaved {
  HeadRows<const T> out, dout;
  const T* terms = nullptr;
  T* dots = nullptr;
};

template <class T>
struct AttentionGradients {
  HeadRows<T> query, key, value;
};

/// With P the weights, D their dropout and dP = (dout · valueᵀ) ∘ D:
///   dvalue = (P ∘ D)ᵀ · dout, dS = scale · P ∘ (dP − dots), dquery = dS · key, dkey = dSᵀ · query.
/// Overwrites the gradients, each sum in an order that the shape fixes.
template <class T>
void attention_backward(cpu::Stream, const AttentionShape& shape, const AttentionOperands<T>& in,
                        const AttentionSaved<T>& saved, const AttentionGradients<T>& gradients);
template <class T>
void attention_backward(cuda::Stream, const AttentionShape& shape, const AttentionOperands<T>& in,
                        const AttentionSaved<T>& saved, const AttentionGradients<T>& gradients);

}  // namespace cuttle::kernels
