// Float convolution through oneDNN. Activations stay channels last; oneDNN picks the layout of the
// weights, which are small and are reordered in each call. Primitives are kept by shape.
#include "conv2d_onednn.h"

#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "../fork.h"
#include "onednn.h"

namespace cuttle::kernels::cpu {
namespace {

using dnnl::memory;

enum class Pass { forward, backward_input, backward_weight };

struct Key {
  Conv2dShape shape;
  Pass pass;
  bool has_bias;
  int threads;  // oneDNN plans for a number of threads

  friend bool operator==(const Key&, const Key&) = default;
};

struct KeyHash {
  size_t operator()(const Key& key) const {
    const Conv2dShape& s = key.shape;
    size_t hash = static_cast<size_t>(key.pass) * 2 + key.has_bias;
    for (const int64_t value :
         {s.n, s.c, s.h, s.w, s.o, s.kh, s.kw, s.stride_h, s.stride_w, s.padding_h, s.padding_w,
          s.dilation_h, s.dilation_w, s.groups, int64_t{key.threads}})
      hash = (hash ^ static_cast<size_t>(value)) * 0x9e3779b97f4a7c15u;
    return hash ^ (hash >> 32);
  }
};

/// A description of memory that is bound to an address at each call.
memory as_memory(const memory::desc& description, const void* data) {
  return memory(description, onednn_engine(), const_cast<void*>(data));
}

memory::desc float_desc(const memory::dims& dims, memory::format_tag tag) {
  return memory::desc(dims, memory::data_type::f32, tag);
}

/// A primitive with the layouts it works in. `weight` is oneDNN's choice; where it differs from
/// ours a reorder stands between.
struct Plan {
  dnnl::primitive convolution;
  std::optional<dnnl::reorder> reorder;
  memory::desc x, weight, our_weight, bias, y;
  size_t scratch_bytes = 0, weight_bytes = 0;  // both rounded up to a cache line
  memory::desc scratch;
};

OnednnConvolution describe(const Key& key) {
  const Conv2dShape& s = key.shape;
  using Tag = memory::format_tag;
  OnednnConvolution c;
  c.x = float_desc({s.n, s.c, s.h, s.w}, Tag::nhwc);
  c.y = float_desc({s.n, s.o, s.oh, s.ow}, Tag::nhwc);
  c.weight = s.groups == 1
                 ? float_desc({s.o, s.c, s.kh, s.kw}, Tag::any)
                 : float_desc({s.groups, s.o / s.groups, s.c / s.groups, s.kh, s.kw}, Tag::any);
  if (key.has_bias) c.bias = float_desc({s.o}, Tag::a);
  c.strides = {s.stride_h, s.stride_w};
  c.dilations = {s.dilation_h - 1, s.dilation_w - 1};
  c.padding_front = {s.padding_h, s.padding_w};
  // What makes the output size come out exactly: rows that no window reaches are a negative
  // padding.
  c.padding_back = {(s.oh - 1) * s.stride_h + s.dilation_h * (s.kh - 1) + 1 - s.h - s.padding_h,
                    (s.ow - 1) * s.stride_w + s.dilation_w * (s.kw - 1) + 1 - s.w - s.padding_w};
  return c;
}

/// Takes from a primitive's description what running it needs; `weight` is what oneDNN chose.
template <class Description>
Plan finish(const Key& key, const Description& description, const memory::desc& weight) {
  const Conv2dShape& s = key.shape;
  const OnednnConvolution ours = describe(key);
  Plan plan;
  plan.x = ours.x;
  plan.y = ours.y;
  plan.bias = ours.bias;
  plan.weight = weight;
  plan.our_weight = s.groups == 1
                        ? float_desc({s.o, s.c, s.kh, s.kw}, memory::format_tag::ohwi)
                        : float_desc({s.groups, s.o / s.groups, s.c / s.groups, s.kh, s.kw},
                                     memory::format_tag::gohwi);
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

Plan make_plan(const Key& key) {
  const OnednnConvolution ours = describe(key);
  const auto kind =
      key.pass == Pass::forward ? dnnl::prop_kind::forward_inference : dnnl::prop_kind::forward;
  const auto forward = describe_forward(ours, kind);
  Plan plan;
  if (key.pass == Pass::forward) {
    plan = finish(key, forward, forward.weights_desc());
    plan.convolution = dnnl::convolution_forward(forward);
  } else if (key.pass == Pass::backward_input) {
    const auto backward = describe_backward_data(ours, forward);
    plan = finish(key, backward, backward.weights_desc());
    plan.convolution = dnnl::convolution_backward_data(backward);
  } else {
    const auto backward = describe_backward_weights(ours, forward);
    plan = finish(key, backward, backward.diff_weights_desc());
    plan.convolution = dnnl::convolution_backward_weights(backward);
  }
  return plan;
}

/// Held while oneDNN makes a plan, under locks of its own: no fork() copies those while they are
/// taken.
constinit std::mutex planning;
const HeldAtFork planning_is_held(planning, LockLevel::inner);

/// The plan for a key, or nullptr where oneDNN has none. Kept for the thread: a known plan takes no
/// lock, and oneDNN's own cache shares the generated code between threads.
const Plan* find_plan(const Key& key) {
  constexpr size_t kMostPlans = 1024;
  thread_local std::unordered_map<Key, std::optional<Plan>, KeyHash> plans;
  const auto known = plans.find(key);
  if (known != plans.end()) return known->second ? &*known->second : nullptr;
  if (plans.size() >= kMostPlans) plans.clear();  // a program whose shapes never repeat
  std::optional<Plan> plan;
  try {
    const std::lock_guard lock(planning);
    plan = make_plan(key);
  } catch (const dnnl::error& error) {
    if (error.status != dnnl_unimplemented) throw;
  }
  const auto& kept = plans.emplace(key, std::move(plan)).first->second;
  return kept ? &*kept : nullptr;
}

struct Operands {
  const float* x = nullptr;
  const float* weight = nullptr;
  const float* bias = nullptr;
  const float* y = nullptr;
};

/// Runs one pass; the operands that it writes are const here only because memory::desc does not
/// tell inputs from outputs.
bool run(Pass pass, const Conv2dShape& shape, const Operands& at) {
  const OnednnThreads threads(/*alone=*/pass == Pass::backward_weight);
  try {
    const Plan* plan = find_plan({shape, pass, at.bias != nullptr, omp_get_max_threads()});
    if (!plan) return false;
    thread_local Scratch scratch;
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

bool conv2d_forward_onednn(const Conv2dShape& shape, const float* x, const float* weight,
                           const float* bias, float* y) {
  return run(Pass::forward, shape, {.x = x, .weight = weight, .bias = bias, .y = y});
}

bool conv2d_backward_input_onednn(const Conv2dShape& shape, const float* dy, const float* weight,
                                  float* dx) {
  return run(Pass::backward_input, shape, {.x = dx, .weight = weight, .y = dy});
}

bool conv2d_backward_weight_onednn(const Conv2dShape& shape, const float* x, const float* dy,
                                   float* dweight, float* dbias) {
  return run(Pass::backward_weight, shape, {.x = x, .weight = dweight, .bias = dbias, .y = dy});
}

}  // namespace cuttle::kernels::cpu
