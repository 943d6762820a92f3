#include "attention.h"

#include <algorithm>
#include <array>

#include "../../autocast.h"
#include "../../autograd/composition.h"
#include "../../autograd/grad_mode.h"
#include "../../autograd/record.h"
#include "../../creation.h"
#include "../../dispatch.h"
#include "attention_run.h"

namespace cuttle {
namespace {

constexpr std::string_view kOp = "scaled_dot_product_attention";

void check_options(const Tensor& query, const AttentionOptions& options) {
  const Tensor& mask = options.attn_mask;
  if (!(options.dropout_p >= 0 && options.dropout_p <= 1))
    fail(kOp, ": dropout_p must lie in [0, 1], got ", options.dropout_p);
  if (!mask.defined()) return;
  check_same_device(kOp, {&query, &mask});
  if (options.is_causal)
    fail(kOp,
         ": is_causal brings a mask of its own; give it without attn_mask, or join both into "
         "one mask");
  if (mask.dtype() != boolean && mask.dtype() != query.dtype())
    fail(kOp, ": the mask must be bool or, to be added, of the query's dtype ", query.dtype(),
         ", got ", mask.dtype());
}

void check_operands(const Tensor& query, const Tensor& key, const Tensor& value) {
  for (const Tensor* x : {&query, &key, &value}) check_defined(kOp, *x);
  check_same_device(kOp, {&query, &key, &value});
  check_same_dtype(kOp, {&query, &key, &value});
  if (!is_floating_point(query.dtype()))
    fail(kOp, ": expected floating tensors, got ", query.dtype(),
         "; convert first, with .to(float32) for example");
  const auto fail_shapes = [&](const char* what) {
    fail(kOp, ": ", what, " (query ", query.shape(), ", key ", key.shape(), ", value ",
         value.shape(), ")");
  };
  if (std::min({query.dim(), key.dim(), value.dim()}) < 2)
    fail_shapes("query, key and value need two dimensions or more, (…, length, width)");
  if (query.size(-1) != key.size(-1)) fail_shapes("query and key must have rows of one length");
  if (key.size(-2) != value.size(-2)) fail_shapes("there must be as many values as keys");
}

Shape leading(const Tensor& x) {
  return Shape(std::span(x.shape().begin(), x.shape().end() - 2));
}

// (lead…, rows, columns), expanded from x.
Tensor expanded(const Tensor& x, const Shape& lead, int64_t rows, int64_t columns) {
  Shape shape = lead;
  shape.push_back(rows);
  shape.push_back(columns);
  return x.shape() == shape ? x : x.expand(shape);
}

// Four dimensions, (B, H, rows, columns).
Tensor as_heads(const Tensor& x) {
  if (x.dim() == 4) return x;
  if (x.dim() == 3) return x.unsqueeze(0);
  if (x.dim() == 2) return x.unsqueeze(0).unsqueeze(0);
  return x.flatten(0, -4);
}

// Uninitialised (B, H, rows, columns) in the order in which x's first three dimensions lie, so that
// a view of projections gets one like itself, and none is copied to be joined again.
Tensor empty_in_order_of(const Tensor& x, int64_t columns) {
  std::array<int, 3> order{0, 1, 2};
  std::ranges::stable_sort(order, [&](int a, int b) { return x.strides()[a] > x.strides()[b]; });
  Strides strides = Shape::filled(4, 1);
  Shape shape = x.shape();
  shape[3] = columns;
  int64_t step = std::max<int64_t>(1, columns);
  for (int k = 2; k >= 0; --k) {
    const int d = order[static_cast<size_t>(k)];
    strides[d] = step;
    step *= std::max<int64_t>(1, shape[d]);
  }
  return empty_strided(shape, strides, {.dtype = x.dtype(), .device = x.device()});
}

// By kernels; or, where the gradient will itself be differentiated, by recorded operations.
std::vector<Tensor> backward_of(const AttentionPlan& plan, const AttentionViews& in,
                                const Tensor& out, const Tensor& terms, const Tensor& gradient,
                                const NeededInputs& needed) {
  if (is_grad_enabled())
    return gradients_of_composition(
        [&](const std::vector<Tensor>& x) -> std::vector<Tensor> {
          return {composed_attention(plan, {x[0], x[1], x[2]})};
        },
        {in.query, in.key, in.value}, {gradient}, needed);
  AttentionViews to;
  if (needed[0]) to.query = empty_in_order_of(in.query, in.query.size(3));
  if (needed[1]) to.key = empty_in_order_of(in.key, in.key.size(3));
  if (needed[2]) to.value = empty_in_order_of(in.value, in.value.size(3));
  run_attention_backward(plan, in, out, terms, gradient, to);
  return {to.query, to.key, to.value};
}

// Of four dimensions each, without broadcasting.
Tensor attention_of_heads(const AttentionViews& in, const Tensor& mask,
                          const AttentionOptions& options) {
  if ((mask.defined() && mask.requires_grad() && is_grad_enabled()) ||
      !attention_has_kernels(in.query, in.value))
    return composed_attention(plan_attention(in, mask, options), in);
  const AttentionPlan plan = plan_attention(in, mask.defined() ? mask.detach() : mask, options);
  const Tensor out = empty_in_order_of(in.query, in.value.size(3));
  const Tensor terms =
      run_attention(plan, {in.query.detach(), in.key.detach(), in.value.detach()}, out);
  return record(
      kOp, out, {in.query, in.key, in.value},
      [plan, query = save(in.query), key = save(in.key), value = save(in.value),
       out = save_output(out), terms](const Tensor& gradient, const NeededInputs& needed) {
        return backward_of(plan, {query.get(), key.get(), value.get()}, out.get(), terms, gradient,
                           needed);
      });
}

bool is_half(const Tensor& x) {
  return is_floating_point(x.dtype()) && element_size(x.dtype()) == 2;
}

// The options with a mask of float32 in place of a half.
AttentionOptions in_float32(AttentionOptions options) {
  if (options.attn_mask.defined() && is_half(options.attn_mask))
    options.attn_mask = options.attn_mask.to(float32);
  return options;
}

AttentionOptions with_lowered_mask(AttentionOptions options) {
  if (options.attn_mask.defined()) options.attn_mask = autocast_lowered(options.attn_mask);
  return options;
}

// The queries, keys and values of a packed projection (A, B, 3 · heads · E), each (B, heads, A, E).
AttentionViews unpacked(const Tensor& packed, int64_t heads, bool batch_first) {
  const int64_t width = packed.size(2) / 3 / heads;
  const Tensor parts = packed.view({packed.size(0), packed.size(1), 3, heads, width});
  const auto part = [&](int64_t i) {
    const Tensor x = parts.select(2, i);
    return batch_first ? x.permute({0, 2, 1, 3}) : x.permute({1, 2, 0, 3});
  };
  return {part(0), part(1), part(2)};
}

Tensor heads_of(const Tensor& joined, int64_t heads, bool batch_first) {
  const Tensor x = joined.view({joined.size(0), joined.size(1), heads, joined.size(2) / heads});
  return batch_first ? x.permute({0, 2, 1, 3}) : x.permute({1, 2, 0, 3});
}

// The inverse of heads_of, recorded where that is on.
Tensor joined_of(const Tensor& x, bool batch_first) {
  return (batch_first ? x.permute({0, 2, 1, 3}) : x.permute({2, 0, 1, 3})).flatten(2);
}

Tensor packed_backward(const AttentionPlan& plan, const Tensor& packed, const Tensor& out,
                       const Tensor& terms, const Tensor& gradient, bool batch_first) {
  const int64_t heads = plan.shape.heads;
  if (is_grad_enabled())
    return gradients_of_composition(
        [&](const std::vector<Tensor>& x) -> std::vector<Tensor> {
          return {
              joined_of(composed_attention(plan, unpacked(x[0], heads, batch_first)), batch_first)};
        },
        {packed}, {gradient}, {true})[0];
  Tensor to = empty(packed.shape(), {.dtype = packed.dtype(), .device = packed.device()});
  run_attention_backward(
      plan, unpacked(packed, heads, batch_first), heads_of(out, heads, batch_first), terms,
      heads_of(gradient.contiguous(), heads, batch_first), unpacked(to, heads, batch_first));
  return to;
}

}  // namespace

Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttentionOptions& options) {
  if (autocast_lowers({&query, &key, &value}))
    return scaled_dot_product_attention(autocast_lowered(query), autocast_lowered(key),
                                        autocast_lowered(value), with_lowered_mask(options));
  check_operands(query, key, value);
  check_options(query, options);
  if (is_half(query))
    return scaled_dot_product_attention(query.to(float32), key.to(float32), value.to(float32),
                                        in_float32(options))
        .to(query.dtype());
  const Shape lead =
      broadcast_shapes(kOp, broadcast_shapes(kOp, leading(query), leading(key)), leading(value));
  const int64_t queries = query.size(-2), keys = key.size(-2);
  Tensor mask = options.attn_mask;
  if (mask.defined()) {
    Shape scores = lead;
    scores.push_back(queries);
    scores.push_back(keys);
    if (mask.dim() > scores.size() || broadcast_shapes(kOp, mask.shape(), scores) != scores)
      fail(kOp, ": the mask's shape ", mask.shape(), " does not broadcast to that of the scores, ",
           scores);
    mask = as_heads(mask.expand(scores));
  }
  const Tensor out = attention_of_heads({as_heads(expanded(query, lead, queries, query.size(-1))),
                                         as_heads(expanded(key, lead, keys, key.size(-1))),
                                         as_heads(expanded(value, lead, keys, value.size(-1)))},
                                        mask, options);
  if (lead.size() == 2) return out;
  Shape shape = lead;
  shape.push_back(queries);
  shape.push_back(value.size(-1));
  return out.reshape(shape);
}

AttentionWithWeights attention_with_weights(const Tensor& query, const Tensor& key,
                                            const Tensor& value, const AttentionOptions& options) {
  if (autocast_lowers({&query, &key, &value}))
    return attention_with_weights(autocast_lowered(query), autocast_lowered(key),
                                  autocast_lowered(value), with_lowered_mask(options));
  check_operands(query, key, value);
  check_options(query, options);
  if (query.dim() != 4 || leading(query) != leading(key) || leading(query) != leading(value))
    fail(
        "attention_with_weights: expected query, key and value of four dimensions, the first two "
        "equal, got ",
        query.shape(), ", ", key.shape(), " and ", value.shape());
  const AttentionViews in{query, key, value};
  return composed_with_weights(plan_attention(in, options.attn_mask, options), in);
}

Tensor packed_attention(const Tensor& packed, int64_t heads, bool batch_first,
                        const AttentionOptions& options) {
  if (autocast_lowers({&packed}))
    return packed_attention(autocast_lowered(packed), heads, batch_first,
                            with_lowered_mask(options));
  check_defined(kOp, packed);
  check_options(packed, options);
  if (packed.dim() != 3 || heads < 1 || packed.size(2) % (3 * heads) != 0)
    fail(kOp, ": expected packed projections (A, B, 3 · heads · E) for ", heads, " heads, got ",
         packed.shape());
  if (is_half(packed))
    return packed_attention(packed.to(float32), heads, batch_first, in_float32(options))
        .to(packed.dtype());
  const Tensor& mask = options.attn_mask;
  const Tensor dense = packed.contiguous();
  const AttentionViews in = unpacked(dense.detach(), heads, batch_first);
  if ((mask.defined() && mask.requires_grad() && is_grad_enabled()) ||
      !attention_has_kernels(in.query, in.value)) {
    const AttentionViews recorded = unpacked(dense, heads, batch_first);
    return joined_of(composed_attention(plan_attention(recorded, mask, options), recorded),
                     batch_first);
  }
  const AttentionPlan plan = plan_attention(in, mask.defined() ? mask.detach() : mask, options);
  const Tensor out = empty({packed.size(0), packed.size(1), packed.size(2) / 3},
                           {.dtype = packed.dtype(), .device = packed.device()});
  const Tensor terms = run_attention(plan, in, heads_of(out, heads, batch_first));
  return record(
      "packed_attention", out, {dense},
      [plan, batch_first, packed = save(dense), out = save_output(out), terms](
          const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        return {packed_backward(plan, packed.get(), out.get(), terms, gradient, batch_first)};
      });
}

}  // namespace cuttle
