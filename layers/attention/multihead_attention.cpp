// MultiheadAttention: projections, masks, and the calls of the operation.
#include "multihead_attention.h"

#include <limits>

#include "../../core/creation.h"
#include "../../core/ops/arithmetic.h"
#include "../../core/ops/elementwise.h"
#include "../../core/ops/linear.h"
#include "../../core/ops/rearrange.h"
#include "xavier.h"

namespace cuttle {
namespace {

int64_t checked_width(int64_t embed_dim, int64_t num_heads) {
  if (embed_dim < 1 || num_heads < 1)
    fail("MultiheadAttention: embed_dim and num_heads must be at least 1, got ", embed_dim, " and ",
         num_heads);
  if (embed_dim % num_heads != 0)
    fail("MultiheadAttention: num_heads must divide embed_dim, got ", num_heads, " and ",
         embed_dim);
  return embed_dim;
}

bool is_one_width(int64_t embed_dim, const MultiheadAttentionOptions& options) {
  return options.kdim.value_or(embed_dim) == embed_dim &&
         options.vdim.value_or(embed_dim) == embed_dim;
}

Tensor empty_if(bool wanted, const Shape& shape) {
  return wanted ? empty(shape) : Tensor();
}

// Adds −∞ where a bool mask says that a key is not seen; others are added as they are.
Tensor as_added(const Tensor& mask, DType dtype) {
  if (mask.dtype() != boolean) return mask;
  return zeros(mask.shape(), {.dtype = dtype, .device = mask.device()})
      .masked_fill(mask, -std::numeric_limits<double>::infinity());
}

// Both, either of which may be undefined; what is not seen by one is not seen.
Tensor both_masks(const Tensor& a, const Tensor& b, DType dtype) {
  if (!a.defined() || !b.defined()) return a.defined() ? a : b;
  if (a.dtype() == boolean && b.dtype() == boolean) return a.logical_or(b);
  return as_added(a, dtype) + as_added(b, dtype);
}

Tensor later_keys(int64_t queries, int64_t keys, const Device& device) {
  return triu(ones({queries, keys}, {.dtype = boolean, .device = device}), 1);
}

}  // namespace

MultiheadAttention::MultiheadAttention(int64_t embed_dim, int64_t num_heads,
                                       const MultiheadAttentionOptions& options)
    : q_proj_weight(register_parameter(
          "q_proj_weight", empty_if(!is_one_width(checked_width(embed_dim, num_heads), options),
                                    {embed_dim, embed_dim}))),
      k_proj_weight(register_parameter("k_proj_weight",
                                       empty_if(!is_one_width(embed_dim, options),
                                                {embed_dim, options.kdim.value_or(embed_dim)}))),
      v_proj_weight(register_parameter("v_proj_weight",
                                       empty_if(!is_one_width(embed_dim, options),
                                                {embed_dim, options.vdim.value_or(embed_dim)}))),
      in_proj_weight(register_parameter("in_proj_weight", empty_if(is_one_width(embed_dim, options),
                                                                   {3 * embed_dim, embed_dim}))),
      in_proj_bias(register_parameter("in_proj_bias", empty_if(options.bias, {3 * embed_dim}))),
      bias_k(register_parameter("bias_k", empty_if(options.add_bias_kv, {1, 1, embed_dim}))),
      bias_v(register_parameter("bias_v", empty_if(options.add_bias_kv, {1, 1, embed_dim}))),
      out_proj(register_module("out_proj", NonDynamicallyQuantizableLinear(
                                               embed_dim, embed_dim, {.bias = options.bias}))),
      embed_dim_(embed_dim),
      num_heads_(num_heads),
      options_(options) {
  if (!(options.dropout >= 0 && options.dropout <= 1))
    fail("MultiheadAttention: dropout must lie in [0, 1], got ", options.dropout);
  reset_parameters();
}

void MultiheadAttention::reset_parameters() {
  for (const Parameter* weight : {&in_proj_weight, &q_proj_weight, &k_proj_weight, &v_proj_weight})
    if (weight->defined()) xavier_uniform(*weight);
  if (in_proj_bias.defined()) {
    init::zeros_(in_proj_bias);
    init::zeros_(out_proj.bias);
  }
  for (const Parameter* bias : {&bias_k, &bias_v})
    if (bias->defined()) init::normal_(*bias, 0, xavier_deviation(*bias));
}

struct MultiheadAttention::Projected {
  Tensor query, key, value;  // (A, N, E) in the order of the inputs
};

MultiheadAttention::Projected MultiheadAttention::project(const Tensor& query, const Tensor& key,
                                                          const Tensor& value) const {
  const auto bias = [&](int64_t first, int64_t count) {
    return in_proj_bias.defined() ? in_proj_bias.narrow(0, first * embed_dim_, count * embed_dim_)
                                  : Tensor();
  };
  const auto weight = [&](int64_t first, int64_t count) -> Tensor {
    if (in_proj_weight.defined())
      return in_proj_weight.narrow(0, first * embed_dim_, count * embed_dim_);
    return first == 0 ? q_proj_weight : first == 1 ? k_proj_weight : v_proj_weight;
  };
  const Tensor q = linear(query, weight(0, 1), bias(0, 1));
  if (in_proj_weight.defined() && key.is_same(value)) {
    const std::vector<Tensor> parts = linear(key, weight(1, 2), bias(1, 2)).chunk(2, -1);
    return {q, parts[0], parts[1]};
  }
  return {q, linear(key, weight(1, 1), bias(1, 1)), linear(value, weight(2, 1), bias(2, 1))};
}

// A mask that broadcasts to (N, H, L, S) and says what is NOT seen, or is added; or undefined.
Tensor MultiheadAttention::joined_mask(const Tensor& query, const Tensor& key,
                                       const MultiheadAttentionMasks& masks) const {
  const int batch_dim = options_.batch_first ? 0 : 1;
  const int64_t batch = query.size(batch_dim), queries = query.size(1 - batch_dim);
  const int64_t keys = key.size(1 - batch_dim);
  Tensor padding = masks.key_padding_mask, mask = masks.attn_mask;
  if (padding.defined()) {
    if (padding.shape() != Shape{batch, keys})
      fail("MultiheadAttention: expected a key_padding_mask of shape ", Shape{batch, keys},
           ", one element a key of the batch, got ", padding.shape());
    padding = padding.view({batch, 1, 1, keys});
  }
  if (mask.defined()) {
    const bool for_each_head = mask.shape() == Shape{batch * num_heads_, queries, keys};
    if (!for_each_head && mask.shape() != Shape{queries, keys})
      fail("MultiheadAttention: expected an attn_mask of shape ", Shape{queries, keys}, " or ",
           Shape{batch * num_heads_, queries, keys}, ", got ", mask.shape());
    if (for_each_head) mask = mask.view({batch, num_heads_, queries, keys});
  } else if (masks.is_causal && (padding.defined() || masks.need_weights || options_.add_bias_kv ||
                                 options_.add_zero_attn)) {
    mask = later_keys(queries, keys, query.device());
  }
  const Tensor joined = both_masks(mask, padding, query.dtype());
  const int64_t added = (options_.add_bias_kv ? 1 : 0) + (options_.add_zero_attn ? 1 : 0);
  return joined.defined() && added > 0 ? pad(joined, {0, added}) : joined;
}

AttentionWithWeights MultiheadAttention::batched(const Tensor& query, const Tensor& key,
                                                 const Tensor& value,
                                                 const MultiheadAttentionMasks& masks) {
  const Tensor mask = joined_mask(query, key, masks);
  AttentionOptions options{.dropout_p = is_training() ? options_.dropout : 0,
                           .is_causal = masks.is_causal && !mask.defined()};
  if (mask.defined()) options.attn_mask = mask.dtype() == boolean ? mask.logical_not() : mask;
  const bool extended = options_.add_bias_kv || options_.add_zero_attn;
  if (!masks.need_weights && !extended && in_proj_weight.defined() && query.is_same(key) &&
      key.is_same(value))
    return {out_proj(packed_attention(linear(query, in_proj_weight, in_proj_bias), num_heads_,
                                      options_.batch_first, options)),
            {}};

  Projected in = project(query, key, value);
  const int sequence = options_.batch_first ? 1 : 0;
  const auto append = [&](Tensor& to, const Tensor& row) {
    Shape shape = to.shape();
    shape[sequence] = 1;
    to = cat({to, row.defined() ? row.expand(shape)
                                : zeros(shape, {.dtype = to.dtype(), .device = to.device()})},
             sequence);
  };
  if (options_.add_bias_kv) append(in.key, bias_k), append(in.value, bias_v);
  if (options_.add_zero_attn) append(in.key, {}), append(in.value, {});
  // (N, H, A, E / H) and back, as views.
  const auto heads = [&](const Tensor& x) {
    const Tensor parts = x.unflatten(2, {num_heads_, embed_dim_ / num_heads_});
    return options_.batch_first ? parts.permute({0, 2, 1, 3}) : parts.permute({1, 2, 0, 3});
  };
  AttentionWithWeights result;
  if (masks.need_weights) {
    result = attention_with_weights(heads(in.query), heads(in.key), heads(in.value), options);
    if (masks.average_attn_weights) result.weights = result.weights.mean(1);
  } else {
    result.output =
        scaled_dot_product_attention(heads(in.query), heads(in.key), heads(in.value), options);
  }
  const Tensor joined = options_.batch_first ? result.output.permute({0, 2, 1, 3})
                                             : result.output.permute({2, 0, 1, 3});
  return {out_proj(joined.flatten(2)), result.weights};
}

void MultiheadAttention::check(const Tensor& query, const Tensor& key, const Tensor& value) const {
  const auto fail_with = [&](const auto&... what) {
    fail("MultiheadAttention: ", what..., " (query ", query.shape(), ", key ", key.shape(),
         ", value ", value.shape(), ")");
  };
  const int dims = query.dim();
  if ((dims != 2 && dims != 3) || key.dim() != dims || value.dim() != dims)
    fail_with("expected query, key and value of three dimensions, or of two without a batch");
  const int64_t kdim = options_.kdim.value_or(embed_dim_),
                vdim = options_.vdim.value_or(embed_dim_);
  if (query.size(-1) != embed_dim_ || key.size(-1) != kdim || value.size(-1) != vdim)
    fail_with("expected widths of ", embed_dim_, ", ", kdim, " and ", vdim);
  const int sequence = dims == 3 && options_.batch_first ? 1 : 0;
  if (key.size(sequence) != value.size(sequence)) fail_with("there must be as many values as keys");
  if (dims == 3 && (query.size(1 - sequence) != key.size(1 - sequence) ||
                    query.size(1 - sequence) != value.size(1 - sequence)))
    fail_with("batches must be of one size; the batch is dimension ", 1 - sequence,
              options_.batch_first ? "" : ", or the first with batch_first");
}

AttentionWithWeights MultiheadAttention::forward(const Tensor& query, const Tensor& key,
                                                 const Tensor& value,
                                                 const MultiheadAttentionMasks& masks) {
  check(query, key, value);
  if (query.dim() == 3) return batched(query, key, value, masks);
  const int batch = options_.batch_first ? 0 : 1;
  MultiheadAttentionMasks one = masks;
  if (one.key_padding_mask.defined()) one.key_padding_mask = one.key_padding_mask.unsqueeze(0);
  const Tensor q = query.unsqueeze(batch);
  const Tensor k = key.is_same(query) ? q : key.unsqueeze(batch);
  const Tensor v = value.is_same(key) ? k : value.unsqueeze(batch);
  AttentionWithWeights result = batched(q, k, v, one);
  result.output = result.output.squeeze(batch);
  if (result.weights.defined()) result.weights = result.weights.squeeze(0);
  return result;
}

}  // namespace cuttle
