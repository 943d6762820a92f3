#include "transformer_layers.h"

#include "../../core/autograd/random_state.h"
#include "../../core/ops/arithmetic.h"
#include "../../core/ops/elementwise.h"

namespace cuttle {
namespace {

const TransformerLayerOptions& checked(const char* name, const TransformerLayerOptions& options) {
  if (options.activation != "relu" && options.activation != "gelu")
    fail(name, ": activation must be \"relu\" or \"gelu\", got \"", options.activation, '"');
  if (options.dim_feedforward < 1)
    fail(name, ": dim_feedforward must be at least 1, got ", options.dim_feedforward);
  return options;
}

MultiheadAttention attention(int64_t d_model, int64_t nhead, const TransformerLayerOptions& o) {
  return MultiheadAttention(d_model, nhead,
                            {.dropout = o.dropout, .bias = o.bias, .batch_first = o.batch_first});
}
LayerNorm norm(int64_t d_model, const TransformerLayerOptions& o) {
  return LayerNorm(d_model, {.eps = o.layer_norm_eps, .bias = o.bias});
}

Tensor attend(MultiheadAttention& layer, const Tensor& query, const Tensor& memory,
              const TransformerMasks& masks) {
  return layer(query, memory, memory,
               {.key_padding_mask = masks.key_padding_mask,
                .need_weights = false,
                .attn_mask = masks.mask,
                .is_causal = masks.is_causal})
      .output;
}

template <class Layer>
Tensor feed_forward(Layer& layer, const std::string& activation, const Tensor& x) {
  const Tensor inner = layer.linear1(x);
  return layer.linear2(layer.dropout(activation == "gelu" ? gelu(inner) : inner.relu()));
}

// x + dropout(part(x)), normalised behind or, with `first`, before.
template <class Part>
Tensor residual(const Tensor& x, bool first, LayerNorm& normalise, transformer::Dropout& drop,
                const Part& part) {
  if (first) return x + drop(part(normalise(x)));
  return normalise(x + drop(part(x)));
}

// A constructor draws initial values: the generator shall not notice.
template <class Layer>
std::shared_ptr<Layer> copy_of(const Layer& layer, int64_t d_model, int64_t nhead,
                               const TransformerLayerOptions& options) {
  const RandomStateScope as_before(RandomState::capture());
  const auto copy = std::make_shared<Layer>(d_model, nhead, options);
  const Tensor& place = layer.linear1.weight;
  copy->to(place.device(), place.dtype());
  copy->load_state_dict(layer.state_dict());
  copy->train(layer.is_training());
  return copy;
}

}  // namespace

TransformerEncoderLayer::TransformerEncoderLayer(int64_t d_model, int64_t nhead,
                                                 const TransformerLayerOptions& options)
    : d_model_(d_model),
      nhead_(nhead),
      options_(checked("TransformerEncoderLayer", options)),
      self_attn(register_module("self_attn", attention(d_model, nhead, options))),
      linear1(register_module("linear1",
                              Linear(d_model, options.dim_feedforward, {.bias = options.bias}))),
      dropout(register_module("dropout", transformer::Dropout(options.dropout))),
      linear2(register_module("linear2",
                              Linear(options.dim_feedforward, d_model, {.bias = options.bias}))),
      norm1(register_module("norm1", norm(d_model, options))),
      norm2(register_module("norm2", norm(d_model, options))),
      dropout1(register_module("dropout1", transformer::Dropout(options.dropout))),
      dropout2(register_module("dropout2", transformer::Dropout(options.dropout))) {}

Tensor TransformerEncoderLayer::forward(const Tensor& src, const TransformerMasks& masks) {
  const bool first = options_.norm_first;
  const Tensor x = residual(src, first, norm1, dropout1,
                            [&](const Tensor& in) { return attend(self_attn, in, in, masks); });
  return residual(x, first, norm2, dropout2,
                  [&](const Tensor& in) { return feed_forward(*this, options_.activation, in); });
}

std::shared_ptr<TransformerEncoderLayer> TransformerEncoderLayer::copy() const {
  return copy_of(*this, d_model_, nhead_, options_);
}

TransformerDecoderLayer::TransformerDecoderLayer(int64_t d_model, int64_t nhead,
                                                 const TransformerLayerOptions& options)
    : d_model_(d_model),
      nhead_(nhead),
      options_(checked("TransformerDecoderLayer", options)),
      self_attn(register_module("self_attn", attention(d_model, nhead, options))),
      multihead_attn(register_module("multihead_attn", attention(d_model, nhead, options))),
      linear1(register_module("linear1",
                              Linear(d_model, options.dim_feedforward, {.bias = options.bias}))),
      dropout(register_module("dropout", transformer::Dropout(options.dropout))),
      linear2(register_module("linear2",
                              Linear(options.dim_feedforward, d_model, {.bias = options.bias}))),
      norm1(register_module("norm1", norm(d_model, options))),
      norm2(register_module("norm2", norm(d_model, options))),
      norm3(register_module("norm3", norm(d_model, options))),
      dropout1(register_module("dropout1", transformer::Dropout(options.dropout))),
      dropout2(register_module("dropout2", transformer::Dropout(options.dropout))),
      dropout3(register_module("dropout3", transformer::Dropout(options.dropout))) {}

Tensor TransformerDecoderLayer::forward(const Tensor& tgt, const Tensor& memory,
                                        const TransformerMasks& tgt_masks,
                                        const TransformerMasks& memory_masks) {
  const bool first = options_.norm_first;
  Tensor x = residual(tgt, first, norm1, dropout1,
                      [&](const Tensor& in) { return attend(self_attn, in, in, tgt_masks); });
  x = residual(x, first, norm2, dropout2,
               [&](const Tensor& in) { return attend(multihead_attn, in, memory, memory_masks); });
  return residual(x, first, norm3, dropout3,
                  [&](const Tensor& in) { return feed_forward(*this, options_.activation, in); });
}

std::shared_ptr<TransformerDecoderLayer> TransformerDecoderLayer::copy() const {
  return copy_of(*this, d_model_, nhead_, options_);
}

}  // namespace cuttle
