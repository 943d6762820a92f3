// The layers of a transformer's encoder and decoder.
#pragma once

#include <string>

#include "../dropout.h"
#include "../normalization/layer_norm.h"
#include "multihead_attention.h"

namespace cuttle {

struct TransformerLayerOptions {
  int64_t dim_feedforward = 2048;
  double dropout = 0.1;
  std::string activation = "relu";  // or "gelu"
  double layer_norm_eps = 1e-5;
  bool batch_first = false;
  bool norm_first = false;  // normalise before each part instead of behind its sum
  bool bias = true;
};

/// Masks as MultiheadAttention has them: of the sequence itself, and, for decoders, of the memory.
struct TransformerMasks {
  Tensor mask = {};              // (L, L) or (N · nhead, L, L)
  Tensor key_padding_mask = {};  // (N, L)
  bool is_causal = false;
};

/// torch.nn.TransformerEncoderLayer: src (L, N, d_model), or with batch_first (N, L, d_model), or
/// without a batch (L, d_model), gives the same shape:
///   x = norm1(src + dropout1(self_attn(src))), norm2(x + dropout2(feed forward(x))),
/// or with norm_first x = src + dropout1(self_attn(norm1(src))), x + dropout2(feed
/// forward(norm2(x))).
class TransformerEncoderLayer : public Module {
 public:
  /// Throws Error as MultiheadAttention does, and for another activation.
  TransformerEncoderLayer(int64_t d_model, int64_t nhead,
                          const TransformerLayerOptions& options = {});

  Tensor forward(const Tensor& src) override { return forward(src, {}); }
  Tensor forward(const Tensor& src, const TransformerMasks& masks);
  Tensor operator()(const Tensor& src, const TransformerMasks& masks = {}) {
    return call([&](const Tensor& x) { return forward(x, masks); }, src);
  }

 private:
  TransformerLayerOptions options_;

 public:
  MultiheadAttention& self_attn;
  Linear& linear1;
  Dropout& dropout;
  Linear& linear2;
  LayerNorm &norm1, &norm2;
  Dropout &dropout1, &dropout2;
};

/// torch.nn.TransformerDecoderLayer: the same with a second attention, multihead_attn, between the
/// two parts, whose keys and values are the memory (S, N, d_model).
class TransformerDecoderLayer : public Module {
 public:
  TransformerDecoderLayer(int64_t d_model, int64_t nhead,
                          const TransformerLayerOptions& options = {});

  using Module::forward;
  Tensor forward(const Tensor& tgt, const Tensor& memory, const TransformerMasks& tgt_masks,
                 const TransformerMasks& memory_masks);
  Tensor operator()(const Tensor& tgt, const Tensor& memory, const TransformerMasks& tgt_masks = {},
                    const TransformerMasks& memory_masks = {}) {
    return call(
        [&](const Tensor& x, const Tensor& m) { return forward(x, m, tgt_masks, memory_masks); },
        tgt, memory);
  }

 private:
  TransformerLayerOptions options_;

 public:
  MultiheadAttention &self_attn, &multihead_attn;
  Linear& linear1;
  Dropout& dropout;
  Linear& linear2;
  LayerNorm &norm1, &norm2, &norm3;
  Dropout &dropout1, &dropout2, &dropout3;
};

}  // namespace cuttle
