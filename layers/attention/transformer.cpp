#include "transformer.h"

#include <limits>

#include "../../core/creation.h"
#include "../../core/ops/rearrange.h"
#include "../init.h"

namespace cuttle {
namespace {

template <class Layer>
ModuleList copies(const char* name, const Layer& layer, int64_t count) {
  if (count < 1) fail(name, ": num_layers must be at least 1, got ", count);
  ModuleList all;
  for (int64_t i = 0; i < count; ++i) all.append(clone(layer));
  return all;
}

std::shared_ptr<LayerNorm> copied(const std::shared_ptr<const LayerNorm>& norm) {
  return norm ? std::dynamic_pointer_cast<LayerNorm>(norm->clone()) : nullptr;
}

std::shared_ptr<LayerNorm> final_norm(const TransformerOptions& o) {
  return std::make_shared<LayerNorm>(
      o.d_model, LayerNormOptions{.eps = o.layer.layer_norm_eps, .bias = o.layer.bias});
}

}  // namespace

TransformerEncoder::TransformerEncoder(const TransformerEncoderLayer& encoder_layer,
                                       int64_t num_layers, std::shared_ptr<LayerNorm> norm_layer)
    : layers(register_module("layers", copies("TransformerEncoder", encoder_layer, num_layers))),
      norm(std::move(norm_layer)) {
  if (norm) register_module("norm", norm);
  constructed_from<TransformerEncoder>(Blank{norm});
}

TransformerEncoder::TransformerEncoder(const Blank& like)
    : layers(register_module("layers", ModuleList())), norm(copied(like.norm)) {
  if (norm) register_module("norm", norm);
  constructed_from<TransformerEncoder>(Blank{norm});
}

Tensor TransformerEncoder::forward(const Tensor& src, const TransformerMasks& masks) {
  Tensor x = src;
  for (size_t i = 0; i < layers.size(); ++i)
    x = layers.at<TransformerEncoderLayer>(static_cast<int64_t>(i))(x, masks);
  return norm ? (*norm)(x) : x;
}

TransformerDecoder::TransformerDecoder(const TransformerDecoderLayer& decoder_layer,
                                       int64_t num_layers, std::shared_ptr<LayerNorm> norm_layer)
    : layers(register_module("layers", copies("TransformerDecoder", decoder_layer, num_layers))),
      norm(std::move(norm_layer)) {
  if (norm) register_module("norm", norm);
  constructed_from<TransformerDecoder>(Blank{norm});
}

TransformerDecoder::TransformerDecoder(const Blank& like)
    : layers(register_module("layers", ModuleList())), norm(copied(like.norm)) {
  if (norm) register_module("norm", norm);
  constructed_from<TransformerDecoder>(Blank{norm});
}

Tensor TransformerDecoder::forward(const Tensor& tgt, const Tensor& memory,
                                   const TransformerMasks& tgt_masks,
                                   const TransformerMasks& memory_masks) {
  Tensor x = tgt;
  for (size_t i = 0; i < layers.size(); ++i)
    x = layers.at<TransformerDecoderLayer>(static_cast<int64_t>(i))(x, memory, tgt_masks,
                                                                    memory_masks);
  return norm ? (*norm)(x) : x;
}

Transformer::Transformer(const TransformerOptions& options)
    : options_(options),
      encoder(register_module(
          "encoder",
          TransformerEncoder(TransformerEncoderLayer(options.d_model, options.nhead, options.layer),
                             options.num_encoder_layers, final_norm(options)))),
      decoder(register_module(
          "decoder",
          TransformerDecoder(TransformerDecoderLayer(options.d_model, options.nhead, options.layer),
                             options.num_decoder_layers, final_norm(options)))) {
  for (const Tensor& parameter : parameters())
    if (parameter.dim() > 1) init::xavier_uniform_(parameter);
  constructed_from<Transformer>(options);
}

Tensor Transformer::forward(const Tensor& src, const Tensor& tgt,
                            const TransformerCallMasks& masks) {
  const int batch = options_.layer.batch_first ? 0 : 1;
  if (src.dim() != tgt.dim() || (src.dim() == 3 && src.size(batch) != tgt.size(batch)) ||
      src.size(-1) != options_.d_model || tgt.size(-1) != options_.d_model)
    fail("Transformer: expected src and tgt with ", options_.d_model,
         " features and batches of one size, dimension ", batch, ", got ", src.shape(), " and ",
         tgt.shape());
  return decoder(tgt, encoder(src, masks.src), masks.tgt, masks.memory);
}

Tensor Transformer::generate_square_subsequent_mask(int64_t size, const TensorOptions& options) {
  return triu(full({size, size}, -std::numeric_limits<double>::infinity(),
                   {.dtype = options.dtype.value_or(float32), .device = options.device}),
              1);
}

}  // namespace cuttle
