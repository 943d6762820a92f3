// MultiheadAttention and the transformer's layers against PyTorch.
#include <cuttle/core/ops/rearrange.h>
#include <cuttle/layers/attention/multihead_attention.h>
#include <cuttle/layers/attention/transformer.h>

#include <map>

#include "layers/layer_golden.h"
#include "support/devices.h"

namespace cuttle::test {
namespace {

Tensor causal(const Device& device) {
  return triu(ones({4, 4}, {.dtype = boolean, .device = device}), 1);
}
Tensor padding(const Device& device) {
  return tensor(std::vector<uint8_t>{0, 0, 0, 1, 0, 1, 0, 0}, {2, 4}).to(device).to(boolean);
}
Tensor added(const Device& device) {
  std::vector<double> values;
  for (int i = 0; i < 16; ++i) values.push_back((i % 5 - 2) / 4.0);
  return tensor(values, {4, 4}).to(device);
}

GoldenLayer attention(const MultiheadAttentionOptions& options,
                      const MultiheadAttentionMasks& masks) {
  const auto layer = std::make_shared<MultiheadAttention>(6, 2, options);
  return {layer, [layer, masks](const Tensors& x) -> Tensors {
            const auto [output, weights] = x.size() == 3 ? (*layer)(x[0], x[1], x[2], masks)
                                                         : (*layer)(x[0], x[0], x[0], masks);
            return weights.defined() ? Tensors{output, weights} : Tensors{output};
          }};
}

using Makers = std::map<std::string, std::function<GoldenLayer()>>;

Makers attention_makers(const Device& device) {
  const MultiheadAttentionMasks fast{.need_weights = false};
  return {
      {"self", [=] { return attention({}, fast); }},
      {"self_weights", [] { return attention({}, {}); }},
      {"self_batch_first", [=] { return attention({.batch_first = true}, fast); }},
      {"self_unbatched", [] { return attention({}, {}); }},
      {"self_masks",
       [=] {
         return attention({}, {.key_padding_mask = padding(device),
                               .need_weights = false,
                               .attn_mask = causal(device)});
       }},
      {"self_added",
       [=] {
         return attention({.bias = false}, {.need_weights = false, .attn_mask = added(device)});
       }},
      {"cross", [=] { return attention({}, fast); }},
      {"cross_heads",
       [=] {
         return attention({}, {.key_padding_mask = padding(device), .average_attn_weights = false});
       }},
      {"cross_widths", [] { return attention({.kdim = 5, .vdim = 3}, {}); }},
      {"bias_kv",
       [=] {
         return attention({.add_bias_kv = true, .add_zero_attn = true},
                          {.attn_mask = causal(device)});
       }},
  };
}

constexpr double kNone = 0;

template <class Layer, class Call>
GoldenLayer called(std::shared_ptr<Layer> layer, const Call& call) {
  return {layer, [layer, call](const Tensors& x) -> Tensors { return {call(*layer, x)}; }};
}

std::shared_ptr<TransformerEncoderLayer> encoder_layer(TransformerLayerOptions options = {}) {
  options.dim_feedforward = 8, options.dropout = kNone;
  return std::make_shared<TransformerEncoderLayer>(6, 2, options);
}
std::shared_ptr<TransformerDecoderLayer> decoder_layer(TransformerLayerOptions options = {}) {
  options.dim_feedforward = 8, options.dropout = kNone;
  return std::make_shared<TransformerDecoderLayer>(6, 2, options);
}

Makers transformer_makers(const Device& device) {
  const TransformerMasks later{.mask = causal(device)};
  const auto one = [](auto& layer, const Tensors& x) { return layer(x[0]); };
  const auto two = [](auto& layer, const Tensors& x) { return layer(x[0], x[1]); };
  return {
      {"encoder_layer", [=] { return called(encoder_layer(), one); }},
      {"encoder_layer_gelu",
       [=] {
         return called(encoder_layer({.activation = "gelu",
                                      .layer_norm_eps = 1e-3,
                                      .batch_first = true,
                                      .norm_first = true}),
                       one);
       }},
      {"encoder_layer_masks",
       [=] {
         return called(encoder_layer(), [=](auto& layer, const Tensors& x) {
           return layer(x[0], {.mask = causal(device), .key_padding_mask = padding(device)});
         });
       }},
      {"decoder_layer",
       [=] {
         return called(decoder_layer(),
                       [=](auto& layer, const Tensors& x) { return layer(x[0], x[1], later); });
       }},
      {"decoder_layer_first", [=] { return called(decoder_layer({.norm_first = true}), two); }},
      {"encoder",
       [=] {
         return called(std::make_shared<TransformerEncoder>(*encoder_layer(), 2,
                                                            std::make_shared<LayerNorm>(6)),
                       one);
       }},
      {"decoder",
       [=] { return called(std::make_shared<TransformerDecoder>(*decoder_layer(), 2), two); }},
      {"transformer",
       [=] {
         const TransformerOptions options{.d_model = 6,
                                          .nhead = 2,
                                          .num_encoder_layers = 1,
                                          .num_decoder_layers = 2,
                                          .layer = {.dim_feedforward = 8, .dropout = kNone}};
         return called(std::make_shared<Transformer>(options), [=](auto& layer, const Tensors& x) {
           return layer(x[0], x[1], {.tgt = later});
         });
       }},
  };
}

class AttentionGolden : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(AttentionGolden);

TEST_P(AttentionGolden, LayersFollowPyTorch) {
  Makers makers = attention_makers(device());
  makers.merge(transformer_makers(device()));
  const auto cases = load_golden("attention.json");
  ASSERT_EQ(cases.size(), makers.size());
  for (const auto& c : cases)
    expect_layer_golden(c, makers.at(c["name"].get<std::string>()), device());
}

TEST_P(AttentionGolden, TransformersDropInTrainingAlone) {
  manual_seed(5);
  Transformer model({.d_model = 4,
                     .nhead = 2,
                     .num_encoder_layers = 1,
                     .num_decoder_layers = 1,
                     .layer = {.dim_feedforward = 8, .activation = "gelu", .batch_first = true}});
  model.to(device());
  const Tensor src = rand({2, 5, 4}).to(device()), tgt = rand({2, 3, 4}).to(device());
  EXPECT_NE(model(src, tgt).to_vector<float>(), model(src, tgt).to_vector<float>());
  model.eval();
  EXPECT_EQ(model(src, tgt).to_vector<float>(), model(src, tgt).to_vector<float>());
  const Tensor mask = Transformer::generate_square_subsequent_mask(3, {.device = device()});
  expect_near(model(src, tgt, {.tgt = {.mask = mask}}),
              model(src, tgt, {.tgt = {.is_causal = true}}).to_vector<double>(), 1e-6, 1e-6,
              "causal");
}

TEST_P(AttentionGolden, CausalWithoutAMaskIsTheMask) {
  manual_seed(5);
  MultiheadAttention layer(6, 2);
  layer.to(device());
  const Tensor x = rand({4, 2, 6}).to(device());
  for (const bool need_weights : {false, true}) {
    const auto run = [&](MultiheadAttentionMasks masks) {
      masks.need_weights = need_weights;
      return layer(x, x, x, masks).output;
    };
    const Tensor masked = run({.attn_mask = causal(device())});
    expect_near(run({.is_causal = true}), masked.to_vector<double>(), 1e-6, 1e-6, "causal");
    expect_near(run({.key_padding_mask = padding(device()).logical_and(false), .is_causal = true}),
                masked.to_vector<double>(), 1e-6, 1e-6, "causal and padded");
  }
}

TEST_P(AttentionGolden, MistakesAreNamed) {
  EXPECT_EQ(error_of([] { MultiheadAttention(6, 4); }),
            "MultiheadAttention: num_heads must divide embed_dim, got 4 and 6");
  EXPECT_EQ(error_of([] { MultiheadAttention(6, 2, {.dropout = 2}); }),
            "MultiheadAttention: dropout must lie in [0, 1], got 2");
  EXPECT_EQ(error_of([] { TransformerEncoderLayer(6, 2, {.activation = "tanh"}); }),
            "TransformerEncoderLayer: activation must be \"relu\" or \"gelu\", got \"tanh\"");
  EXPECT_EQ(error_of([] { TransformerEncoder(TransformerEncoderLayer(6, 2), 0); }),
            "TransformerEncoder: num_layers must be at least 1, got 0");
  MultiheadAttention layer(6, 2);
  const Tensor x = rand({4, 2, 6}), other = rand({4, 3, 6}), narrow = rand({4, 2, 5});
  EXPECT_NE(error_of([&] { layer(x, other, other); })
                .find("batches must be of one size; the batch is dimension 1, or the first with "
                      "batch_first (query [4, 2, 6], key [4, 3, 6], value [4, 3, 6])"),
            std::string::npos);
  EXPECT_NE(error_of([&] { layer(x, narrow, x); }).find("expected widths of 6, 6 and 6"),
            std::string::npos);
  EXPECT_NE(error_of([&] {
              layer(x, x, x, {.key_padding_mask = ones({4, 2}, boolean)});
            }).find("expected a key_padding_mask of shape [2, 4]"),
            std::string::npos);
  EXPECT_NE(error_of([&] {
              layer(x, x, x, {.attn_mask = ones({2, 4}, boolean)});
            }).find("expected an attn_mask of shape [4, 4] or [4, 4, 4], got [2, 4]"),
            std::string::npos);
}

}  // namespace
}  // namespace cuttle::test
