// One attention on tensors of four dimensions: what the operations of attention.h share. For
// core/ops/attention alone.
#pragma once

#include "../../../kernels/attention.h"
#include "attention.h"

namespace cuttle {

/// What is settled when the forward runs, and the backward needs again.
struct AttentionPlan {
  kernels::AttentionShape shape;
  Tensor mask;  // (B, H, L, S) by expansion, or undefined
};

/// query, key and value (B, H, rows, width), on no tape.
struct AttentionViews {
  Tensor query, key, value;
};

/// Shape, mask and the dropout's random numbers. The mask broadcasts to (B, H, L, S).
AttentionPlan plan_attention(const AttentionViews& in, const Tensor& mask,
                             const AttentionOptions& options);

/// True where the kernels serve these widths.
bool attention_has_kernels(const Tensor& query, const Tensor& value);

/// Writes `out` (B, H, L, V) and returns the terms (B, H, L) for the backward.
Tensor run_attention(const AttentionPlan& plan, const AttentionViews& in, const Tensor& out);

/// Writes those gradients that are defined; their rows have elements that are neighbours.
void run_attention_backward(const AttentionPlan& plan, const AttentionViews& in, const Tensor& out,
                            const Tensor& terms, const Tensor& gradient,
                            const AttentionViews& gradients);

/// The same by recorded operations, through a matrix of scores.
AttentionWithWeights composed_with_weights(const AttentionPlan& plan, const AttentionViews& in);
inline Tensor composed_attention(const AttentionPlan& plan, const AttentionViews& in) {
  return composed_with_weights(plan, in).output;
}

}  // namespace cuttle
