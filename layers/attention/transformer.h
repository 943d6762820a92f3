// TransformerEncoder, TransformerDecoder, Transformer.
#pragma once

#include <memory>

#include "../containers.h"
#include "transformer_layers.h"

namespace cuttle {

/// torch.nn.TransformerEncoder: num_layers copies of a layer, which all start from its values, one
/// behind the other, and `norm` behind the last where given.
class TransformerEncoder : public Module {
  struct Blank {
    std::shared_ptr<const LayerNorm> norm;
  };

 public:
  /// Throws Error for fewer than one layer.
  TransformerEncoder(const TransformerEncoderLayer& encoder_layer, int64_t num_layers,
                     std::shared_ptr<LayerNorm> norm = nullptr);

  /// What clone() begins with: no layers, and a copy of the norm.
  explicit TransformerEncoder(const Blank& like);

  Tensor forward(const Tensor& src) override { return forward(src, {}); }
  Tensor forward(const Tensor& src, const TransformerMasks& masks);
  Tensor operator()(const Tensor& src, const TransformerMasks& masks = {}) {
    return call([&](const Tensor& x) { return forward(x, masks); }, src);
  }

  ModuleList& layers;                     // of TransformerEncoderLayer
  const std::shared_ptr<LayerNorm> norm;  // nullptr without
};

/// torch.nn.TransformerDecoder: the same of decoder layers, each of which sees the memory.
class TransformerDecoder : public Module {
  struct Blank {
    std::shared_ptr<const LayerNorm> norm;
  };

 public:
  TransformerDecoder(const TransformerDecoderLayer& decoder_layer, int64_t num_layers,
                     std::shared_ptr<LayerNorm> norm = nullptr);
  /// What clone() begins with: no layers, and a copy of the norm.
  explicit TransformerDecoder(const Blank& like);

  using Module::forward;
  Tensor forward(const Tensor& tgt, const Tensor& memory, const TransformerMasks& tgt_masks,
                 const TransformerMasks& memory_masks);
  Tensor operator()(const Tensor& tgt, const Tensor& memory, const TransformerMasks& tgt_masks = {},
                    const TransformerMasks& memory_masks = {}) {
    return call(
        [&](const Tensor& x, const Tensor& m) { return forward(x, m, tgt_masks, memory_masks); },
        tgt, memory);
  }

  ModuleList& layers;  // of TransformerDecoderLayer
  const std::shared_ptr<LayerNorm> norm;
};

struct TransformerOptions {
  int64_t d_model = 512, nhead = 8;
  int64_t num_encoder_layers = 6, num_decoder_layers = 6;
  TransformerLayerOptions layer = {};
};

/// The masks of one call; those of the memory are for the decoder's second attention.
struct TransformerCallMasks {
  TransformerMasks src = {}, tgt = {}, memory = {};
};

/// torch.nn.Transformer: src (S, N, d_model) and tgt (T, N, d_model), or with batch_first the first
/// two dimensions the other way round, or without a batch of two dimensions, give (T, N, d_model).
/// All matrices start from Glorot's uniform values. (Vaswani et al., "Attention is all you need",
/// 2017.)
class Transformer : public Module {
 public:
  explicit Transformer(const TransformerOptions& options = {});

  using Module::forward;
  Tensor forward(const Tensor& src, const Tensor& tgt, const TransformerCallMasks& masks);
  Tensor operator()(const Tensor& src, const Tensor& tgt, const TransformerCallMasks& masks = {}) {
    return call([&](const Tensor& x, const Tensor& y) { return forward(x, y, masks); }, src, tgt);
  }
  /// (size, size) of `options.dtype`, float32 without one: −∞ above the diagonal and 0 elsewhere.
  static Tensor generate_square_subsequent_mask(int64_t size, const TensorOptions& options = {});

 private:
  TransformerOptions options_;

 public:
  TransformerEncoder& encoder;
  TransformerDecoder& decoder;
};

}  // namespace cuttle
