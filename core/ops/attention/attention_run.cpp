#include "attention_run.h"

#include <cmath>

#include "../../../kernels/random.h"
#include "../../autograd/grad_mode.h"
#include "../../creation.h"
#include "../../dispatch.h"
#include "../../strided_loop.h"
#include "../arithmetic.h"
#include "../elementwise.h"
#include "../matmul.h"
#include "../rearrange.h"

namespace cuttle {
namespace {

// Where a call's random numbers start. A Twister, whose numbers come one after the other, gives a
// seed instead.
kernels::PhiloxAt random_start(const Device& device, const std::optional<Generator>& given) {
  Generator generator = given ? *given : default_generator(device);
  if (generator.engine() == Engine::philox) return generator.next_call(device);
  int64_t halves[2];
  generator.integers(halves, 0, int64_t{1} << 32);
  return {.seed = static_cast<uint64_t>(halves[0]) << 32 | static_cast<uint64_t>(halves[1])};
}

// x itself where the kernels can read its rows, else a copy.
Tensor with_rows(const Tensor& x) {
  const Strides& s = x.strides();
  const bool dense_rows = x.size(3) <= 1 || s[3] == 1;
  return dense_rows && (x.size(2) <= 1 || s[2] >= x.size(3)) ? x : x.contiguous();
}

template <class T>
kernels::HeadRows<T> rows_of(const Tensor& x) {
  if (!x.defined()) return {};
  const Strides& s = x.strides();
  return {x.data<std::remove_const_t<T>>(), s[0], s[1],
          x.size(2) > 1 ? s[2] : std::max<int64_t>(1, x.size(3))};
}

template <class T>
kernels::AttentionMask<T> mask_of(const Tensor& mask) {
  if (!mask.defined()) return {};
  const Strides& s = mask.strides();
  const bool is_bool = mask.dtype() == boolean;
  return {is_bool ? nullptr : mask.data<T>(),
          is_bool ? mask.data<bool>() : nullptr,
          s[0],
          s[1],
          s[2],
          s[3]};
}

template <class T>
kernels::AttentionOperands<T> operands_of(const AttentionPlan& plan, const AttentionViews& in) {
  return {rows_of<const T>(in.query), rows_of<const T>(in.key), rows_of<const T>(in.value),
          mask_of<T>(plan.mask)};
}

AttentionViews with_rows(const AttentionViews& in) {
  return {with_rows(in.query), with_rows(in.key), with_rows(in.value)};
}

// What dropout multiplies the weights by.
Tensor dropout_factors(const AttentionPlan& plan, const Shape& shape, DType dtype,
                       const Device& device) {
  const NoGradGuard no_grad;
  Tensor factors = empty(shape, {.dtype = dtype, .device = device});
  const auto loop = make_loop<2>(shape, {factors.strides(), factors.strides()});
  dispatch_float_double("scaled_dot_product_attention", dtype, [&]<class T>() {
    on_device(device, [&](auto stream) {
      kernels::random(stream, plan.shape.random, loop, kernels::Bernoulli{.p = plan.shape.keep},
                      factors.data<T>());
    });
  });
  return plan.shape.keep > 0 ? factors.mul_(1 / plan.shape.keep) : factors;
}

}  // namespace

bool attention_has_kernels(const Tensor& query, const Tensor& value) {
  const auto fits = [](int64_t width) { return width > 0 && width <= kernels::kMostHeadWidth; };
  return fits(query.size(-1)) && fits(value.size(-1));
}

AttentionPlan plan_attention(const AttentionViews& in, const Tensor& mask,
                             const AttentionOptions& options) {
  const int64_t width = in.query.size(3);
  AttentionPlan plan;
  plan.shape = {.batch = in.query.size(0),
                .heads = in.query.size(1),
                .queries = in.query.size(2),
                .keys = in.key.size(2),
                .width = width,
                .value_width = in.value.size(3),
                .scale = options.scale.value_or(1 / std::sqrt(static_cast<double>(width))),
                .causal = options.is_causal,
                .keep = 1 - options.dropout_p};
  if (mask.defined())
    plan.mask =
        mask.expand({plan.shape.batch, plan.shape.heads, plan.shape.queries, plan.shape.keys});
  if (plan.shape.keep < 1) plan.shape.random = random_start(in.query.device(), options.generator);
  return plan;
}

Tensor run_attention(const AttentionPlan& plan, const AttentionViews& in, const Tensor& out) {
  const AttentionViews ready = with_rows(in);
  const Tensor& query = in.query;
  Tensor terms = empty({query.size(0), query.size(1), query.size(2)},
                       {.dtype = query.dtype(), .device = query.device()});
  dispatch_float_double("scaled_dot_product_attention", query.dtype(), [&]<class T>() {
    on_device(query.device(), [&](auto stream) {
      kernels::attention_forward<T>(stream, plan.shape, operands_of<T>(plan, ready),
                                    rows_of<T>(out), terms.data<T>());
    });
  });
  return terms;
}

void run_attention_backward(const AttentionPlan& plan, const AttentionViews& in, const Tensor& out,
                            const Tensor& terms, const Tensor& gradient,
                            const AttentionViews& gradients) {
  const AttentionViews ready = with_rows(in);
  const Tensor dout = with_rows(gradient), dots = empty_like(terms);
  dispatch_float_double("scaled_dot_product_attention", terms.dtype(), [&]<class T>() {
    on_device(terms.device(), [&](auto stream) {
      const kernels::AttentionSaved<T> saved{rows_of<const T>(out), rows_of<const T>(dout),
                                             terms.data<T>(), dots.data<T>()};
      kernels::attention_backward<T>(
          stream, plan.shape, operands_of<T>(plan, ready), saved,
          {rows_of<T>(gradients.query), rows_of<T>(gradients.key), rows_of<T>(gradients.value)});
    });
  });
}

AttentionWithWeights composed_with_weights(const AttentionPlan& plan, const AttentionViews& in) {
  const double infinity = std::numeric_limits<double>::infinity();
  Tensor scores = matmul(in.query, in.key.transpose(-2, -1)) * plan.shape.scale;
  if (plan.mask.defined())
    scores = plan.mask.dtype() == boolean ? scores.masked_fill(plan.mask.logical_not(), -infinity)
                                          : scores + plan.mask;
  if (plan.shape.causal) {
    const Tensor seen =
        ones({scores.size(2), scores.size(3)}, {.dtype = boolean, .device = scores.device()});
    scores = scores.masked_fill(tril(seen).logical_not(), -infinity);
  }
  Tensor weights;
  if (plan.mask.defined() || plan.shape.causal || scores.size(3) == 0) {
    const Tensor blind = (scores.detach() == -infinity).all(-1, /*keepdim=*/true);
    weights = scores.masked_fill(blind, 0).softmax(-1).masked_fill(blind, 0);
  } else {
    weights = scores.softmax(-1);
  }
  if (plan.shape.keep < 1)
    weights = weights * dropout_factors(plan, weights.shape(), weights.dtype(), weights.device());
  return {matmul(weights, in.value), weights};
}

}  // namespace cuttle
