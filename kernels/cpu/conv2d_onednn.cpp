// Convolution through oneDNN. Activations stay channels last; oneDNN picks the layout of the
// weights, which are small and are reordered in each call. Primitives are kept by shape.
#include "conv2d_onednn.h"

#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "conv2d_turned.h"
#include "onednn_plans.h"

namespace cuttle::kernels::cpu {
namespace {

using dnnl::memory;

enum class Pass { forward, backward_input, backward_weight };

struct Key {
  Conv2dShape shape;
  Pass pass;
  bool has_bias;
  memory::data_type type;
  int threads;  // oneDNN plans for a number of threads

  friend bool operator==(const Key&, const Key&) = default;
};

struct KeyHash {
  size_t operator()(const Key& key) const {
    const Conv2dShape& s = key.shape;
    return hash_of({s.n,
                    s.c,
                    s.h,
                    s.w,
                    s.o,
                    s.kh,
                    s.kw,
                    s.stride_h,
                    s.stride_w,
                    s.padding_h,
                    s.padding_w,
                    s.dilation_h,
                    s.dilation_w,
                    s.groups,
                    s.oh,
                    s.ow,
                    static_cast<int64_t>(key.pass),
                    key.has_bias,
                    static_cast<int64_t>(key.type),
                    key.threads});
  }
};

/// The weight (O, C / groups, KH, KW).
memory::desc weight_desc(const Conv2dShape& s, memory::data_type type, bool is_ours) {
  using Tag = memory::format_tag;
  if (s.groups == 1) return {{s.o, s.c, s.kh, s.kw}, type, is_ours ? Tag::ohwi : Tag::any};
  return {{s.groups, s.o / s.groups, s.c / s.groups, s.kh, s.kw},
          type,
          is_ours ? Tag::gohwi : Tag::any};
}

/// A primitive with the layouts it works in. `weight` is oneDNN's choice; where it differs from
/// ours a reorder stands between.
struct Plan {
  dnnl::primitive convolution;
  std::optional<dnnl::reorder> reorder;
  memory::desc x, weight, our_weight, bias, y;
  size_t scratch_bytes = 0, weight_bytes = 0;  // both rounded up to a cache line
  memory::desc scratch;
  Pass pass;           // the key's, or, where `turns`, the other one
  bool turns = false;  // our weight is a copy with its taps in reverse order
};

/// False where more rows or columns are left over than oneDNN takes: as many as a stride has.
bool can_describe(const Conv2dShape& s) {
  return padding_below(s) + s.stride_h > 0 && padding_right(s) + s.stride_w > 0;
}

/// `weight_type`: of weight and bias.
OnednnConvolution describe(const Key& key, memory::data_type weight_type) {
  const Conv2dShape& s = key.shape;
  using Tag = memory::format_tag;
  OnednnConvolution c;
  c.x = {{s.n, s.c, s.h, s.w}, key.type, Tag::nhwc};
  c.y = {{s.n, s.o, s.oh, s.ow}, key.type, Tag::nhwc};
  c.weight = weight_desc(s, weight_type, false);
  if (key.has_bias) c.bias = {{s.o}, weight_type, Tag::a};
  c.strides = {s.stride_h, s.stride_w};
  c.dilations = {s.dilation_h - 1, s.dilation_w - 1};
  c.padding_front = {s.padding_h, s.padding_w};
  c.padding_back = {padding_below(s), padding_right(s)};
  return c;
}

Key turned(Key key) {
  key.shape = cpu::turned(key.shape);
  key.pass = key.pass == Pass::forward ? Pass::backward_input : Pass::forward;
  return key;
}

/// Whether the other pass of the turned convolution is the faster one. oneDNN 2 has two kinds of
/// loops for AVX-512: those of the forward pass ("brgconv") are 5 to 15 % faster than those of the
/// gradient, but reach half their speed where rows are short.
bool is_faster_turned(const Key& key) {
  constexpr int64_t kShortRow = 7;
  if (key.pass == Pass::backward_weight || key.has_bias || key.type != memory::data_type::f32 ||
      !can_turn(key.shape))
    return false;
  const bool is_forward = key.pass == Pass::forward;
  const Key forward = is_forward ? key : turned(key);
  if ((forward.shape.ow < kShortRow) != is_forward) return false;
  const auto description =
      describe_forward(describe(forward, key.type), dnnl::prop_kind::forward_inference);
  return std::string_view(description.impl_info_str()).starts_with("brgconv");
}

/// Our weight (C, KH, KW, O), seen as that of the turned convolution, (O, C, KH, KW) of `s`.
memory::desc turned_weight_desc(const Conv2dShape& s, memory::data_type type) {
  return {{s.o, s.c, s.kh, s.kw}, type, {1, s.kh * s.kw * s.o, s.kw * s.o, s.o}};
}

/// Takes from a primitive's description what running it needs; `weight` is what oneDNN chose.
template <class Description>
Plan finish(const Key& key, const OnednnConvolution& ours, const Description& description,
            const memory::desc& weight, bool turns = false) {
  Plan plan;
  plan.x = ours.x;
  plan.y = ours.y;
  plan.bias = ours.bias;
  plan.weight = weight;
  plan.pass = key.pass;
  plan.turns = turns;
  plan.our_weight = turns ? turned_weight_desc(key.shape, weight.data_type())
                          : weight_desc(key.shape, weight.data_type(), true);
  if (plan.weight != plan.our_weight) {
    const bool is_output = key.pass == Pass::backward_weight;
    const memory::desc& from = is_output ? plan.weight : plan.our_weight;
    const memory::desc& to = is_output ? plan.our_weight : plan.weight;
    plan.reorder =
        dnnl::reorder(dnnl::reorder::primitive_desc(onednn_engine(), from, onednn_engine(), to));
    plan.weight_bytes = (plan.weight.get_size() + 63) / 64 * 64;
  }
  plan.scratch = description.scratchpad_desc();
  plan.scratch_bytes = plan.scratch.get_size();
  return plan;
}

Plan make_plan(const Key& asked) {
  const bool turns = is_faster_turned(asked);
  const Key key = turns ? turned(asked) : asked;
  const OnednnConvolution ours = describe(key, key.type);
  const auto kind =
      key.pass == Pass::forward ? dnnl::prop_kind::forward_inference : dnnl::prop_kind::forward;
  const auto forward = describe_forward(ours, kind);
  Plan plan;
  if (key.pass == Pass::forward) {
    plan = finish(key, ours, forward, forward.weights_desc(), turns);
    plan.convolution = dnnl::convolution_forward(forward);
  } else if (key.pass == Pass::backward_input) {
    const auto backward = describe_backward_data(ours, forward);
    plan = finish(key, ours, backward, backward.weights_desc(), turns);
    plan.convolution = dnnl::convolution_backward_data(backward);
  } else {
    const OnednnConvolution sums = describe(key, memory::data_type::f32);
    const auto backward = describe_backward_weights(sums, forward);
    plan = finish(key, sums, backward, backward.diff_weights_desc());
    plan.convolution = dnnl::convolution_backward_weights(backward);
  }
  return plan;
}

struct Operands {
  const void* x = nullptr;
  const void* weight = nullptr;
  const void* bias = nullptr;
  const void* y = nullptr;
};

template <class T>
constexpr memory::data_type kType =
    std::is_same_v<T, float> ? memory::data_type::f32 : memory::data_type::bf16;

/// Runs one pass; the operands that it writes are const here only because memory::desc does not
/// tell inputs from outputs.
bool run(Pass asked, const Conv2dShape& shape, memory::data_type type, Operands at) {
  if (!can_describe(shape)) return false;
  const OnednnThreads threads(/*alone=*/asked == Pass::backward_weight);
  try {
    const Plan* plan = kept_plan<Plan, KeyHash>(
        Key{shape, asked, at.bias != nullptr, type, omp_get_max_threads()}, make_plan);
    if (!plan) return false;
    thread_local Scratch scratch, reversed;
    if (plan->turns) {
      float* const copy = reversed.get<float>(shape.o * shape.kh * shape.kw * shape.c);
      reverse_taps(shape, static_cast<const float*>(at.weight), copy);
      at.weight = copy;
      std::swap(at.x, at.y);
    }
    const Pass pass = plan->pass;
    auto* extra = static_cast<std::byte*>(scratch.bytes(plan->weight_bytes + plan->scratch_bytes));
    dnnl::stream& stream = onednn_stream();
    const bool writes_weight = pass == Pass::backward_weight;
    memory ours = as_memory(plan->our_weight, at.weight);
    memory weight = plan->reorder ? as_memory(plan->weight, extra) : ours;
    if (plan->reorder && !writes_weight) plan->reorder->execute(stream, ours, weight);
    const int x_role = pass == Pass::backward_input ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC;
    const int y_role = pass == Pass::forward ? DNNL_ARG_DST : DNNL_ARG_DIFF_DST;
    std::unordered_map<int, memory> arguments = {
        {x_role, as_memory(plan->x, at.x)},
        {y_role, as_memory(plan->y, at.y)},
        {writes_weight ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS, weight},
        {DNNL_ARG_SCRATCHPAD, as_memory(plan->scratch, extra + plan->weight_bytes)}};
    if (at.bias)
      arguments.emplace(writes_weight ? DNNL_ARG_DIFF_BIAS : DNNL_ARG_BIAS,
                        as_memory(plan->bias, at.bias));
    plan->convolution.execute(stream, arguments);
    if (plan->reorder && writes_weight) plan->reorder->execute(stream, weight, ours);
    stream.wait();
    return true;
  } catch (const dnnl::error& error) {
    fail_onednn("conv2d", error);
  }
}

}  // namespace

template <class T>
bool conv2d_forward_onednn(const Conv2dShape& shape, const T* x, const T* weight, const T* bias,
                           T* y) {
  return run(Pass::forward, shape, kType<T>, {.x = x, .weight = weight, .bias = bias, .y = y});
}

template <class T>
bool conv2d_backward_input_onednn(const Conv2dShape& shape, const T* dy, const T* weight, T* dx) {
  return run(Pass::backward_input, shape, kType<T>, {.x = dx, .weight = weight, .y = dy});
}

template <class T>
bool conv2d_backward_weight_onednn(const Conv2dShape& shape, const T* x, const T* dy,
                                   float* dweight, float* dbias) {
  return run(Pass::backward_weight, shape, kType<T>,
             {.x = x, .weight = dweight, .bias = dbias, .y = dy});
}

#define CUTTLE_INSTANTIATE(T)                                                                 \
  template bool conv2d_forward_onednn(const Conv2dShape&, const T*, const T*, const T*, T*);  \
  template bool conv2d_backward_input_onednn(const Conv2dShape&, const T*, const T*, T*);     \
  template bool conv2d_backward_weight_onednn(const Conv2dShape&, const T*, const T*, float*, \
                                              float*);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(BFloat16)

}  // namespace cuttle::kernels::cpu
