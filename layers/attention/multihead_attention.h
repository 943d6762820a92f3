// MultiheadAttention: several attentions side by side, between linear projections.
#pragma once

#include <optional>
#include <vector>

#include "../../core/ops/attention/attention.h"
#include "../linear.h"

namespace cuttle {

struct MultiheadAttentionOptions {
  double dropout = 0;  // of the weights, in training
  bool bias = true;
  bool add_bias_kv = false;                     // a learned key and value behind the others
  bool add_zero_attn = false;                   // a key and value of zeros behind the others
  std::optional<int64_t> kdim = {}, vdim = {};  // widths of key and value; unset: embed_dim
  bool batch_first = false;
};

/// Of one call. Masks are bool, true where a key is NOT seen, or of the query's dtype and added.
struct MultiheadAttentionMasks {
  Tensor key_padding_mask = {};  // (N, S)
  bool need_weights = true;
  Tensor attn_mask = {};  // (L, S) or (N · num_heads, L, S)
  bool average_attn_weights = true;
  /// Query i sees the keys j ≤ i. Beside an attn_mask, which must then say so, it counts for
  /// nothing.
  bool is_causal = false;
};

/// For hooks.
inline std::vector<Tensor*> tensors_of(AttentionWithWeights& result) {
  return {&result.output, &result.weights};
}

/// torch.nn.MultiheadAttention's output projection under the name that it is printed by.
class NonDynamicallyQuantizableLinear : public Linear {
 public:
  using Linear::Linear;
};

/// torch.nn.MultiheadAttention: query (L, N, embed_dim), key (S, N, kdim) and value (S, N, vdim),
/// or with batch_first the first two dimensions the other way round, or without a batch of two
/// dimensions, give (L, N, embed_dim) and, where they are asked for, weights (N, L, S), averaged
/// over the heads, or (N, num_heads, L, S). (Vaswani et al., "Attention is all you need", 2017.)
///
/// Without need_weights no matrix of scores is stored (scaled_dot_product_attention), and where
/// query, key and value are one tensor the projections of all three are one product. Parameters
/// have PyTorch's names, shapes and initial values.
class MultiheadAttention : public Module {
 public:
  /// Throws Error for sizes below 1, and heads that do not divide embed_dim.
  MultiheadAttention(int64_t embed_dim, int64_t num_heads,
                     const MultiheadAttentionOptions& options = {});

  using Module::forward;
  AttentionWithWeights forward(const Tensor& query, const Tensor& key, const Tensor& value,
                               const MultiheadAttentionMasks& masks = {});
  AttentionWithWeights operator()(const Tensor& query, const Tensor& key, const Tensor& value,
                                  const MultiheadAttentionMasks& masks = {}) {
    return call(
        [&](const Tensor& q, const Tensor& k, const Tensor& v) { return forward(q, k, v, masks); },
        query, key, value);
  }
  /// Draws the initial values of the input projections anew, and clears the biases.
  void reset_parameters();

  int64_t num_heads() const noexcept { return num_heads_; }
  const MultiheadAttentionOptions& options() const noexcept { return options_; }

  Parameter& q_proj_weight;   // (E, E), these three undefined where kdim and vdim are embed_dim
  Parameter& k_proj_weight;   // (E, kdim)
  Parameter& v_proj_weight;   // (E, vdim)
  Parameter& in_proj_weight;  // (3 · E, E), else undefined
  Parameter& in_proj_bias;    // (3 · E), undefined without bias
  Parameter& bias_k;          // (1, 1, E), these two undefined without add_bias_kv
  Parameter& bias_v;
  NonDynamicallyQuantizableLinear& out_proj;

 private:
  struct Projected;
  Projected project(const Tensor& query, const Tensor& key, const Tensor& value) const;
  Tensor joined_mask(const Tensor& query, const Tensor& key,
                     const MultiheadAttentionMasks& masks) const;
  AttentionWithWeights batched(const Tensor& query, const Tensor& key, const Tensor& value,
                               const MultiheadAttentionMasks& masks);
  void check(const Tensor& query, const Tensor& key, const Tensor& value) const;

  int64_t embed_dim_, num_heads_;
  MultiheadAttentionOptions options_;
};

}  // namespace cuttle
