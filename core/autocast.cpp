#include "autocast.h"

#include <algorithm>
#include <unordered_map>

#include "autograd/grad_mode.h"
#include "tensor_impl.h"

namespace cuttle {
namespace {

// A parameter in the scope's dtype, as long as nobody writes to it.
struct Converted {
  Tensor parameter, value;  // the first is held so that no other gets its address
  uint64_t version;
  bool recorded;
};

struct ThreadState {
  Autocast::State now;
  int depth = 0;
  std::unordered_map<const TensorImpl*, Converted> cache;
};
thread_local ThreadState thread_state;

bool has_16_bits(DType dtype) {
  return dtype == float16 || dtype == bfloat16;
}

bool is_to_lower(const Tensor& x) {
  const DType dtype = x.dtype();
  return dtype != thread_state.now.dtype && (dtype == float32 || has_16_bits(dtype));
}

Tensor convert_once(const Tensor& parameter, DType dtype) {
  const uint64_t version = parameter.version();
  const bool recorded = is_grad_enabled();
  Converted& kept = thread_state.cache[&parameter.impl()];
  if (!kept.value.defined() || kept.version != version || kept.recorded != recorded ||
      kept.value.dtype() != dtype)
    kept = {parameter, parameter.to(dtype), version, recorded};
  return kept.value;
}

template <class Condition>
bool any_is(std::initializer_list<const Tensor*> tensors, const Condition& condition) {
  return thread_state.now.enabled &&
         std::any_of(tensors.begin(), tensors.end(),
                     [&](const Tensor* x) { return x->defined() && condition(*x); });
}

}  // namespace

Autocast::Autocast(DType dtype, bool enabled, bool cache) : Autocast(State{enabled, dtype, cache}) {
  // What throws here is destroyed first, which ends the scope.
  if (!has_16_bits(dtype)) fail("Autocast: expected float16 or bfloat16, got ", dtype);
}

Autocast::Autocast(const State& state) noexcept : previous_(thread_state.now) {
  thread_state.now = state;
  ++thread_state.depth;
}

Autocast::~Autocast() {
  thread_state.now = previous_;
  if (--thread_state.depth == 0) thread_state.cache.clear();
}

Autocast::State Autocast::current() noexcept {
  return thread_state.now;
}

bool is_autocast_enabled() noexcept {
  return thread_state.now.enabled;
}

DType get_autocast_dtype() noexcept {
  return thread_state.now.dtype;
}

bool autocast_lowers(std::initializer_list<const Tensor*> tensors) noexcept {
  return any_is(tensors, is_to_lower);
}

Tensor autocast_lowered(const Tensor& x) {
  if (!x.defined() || !is_to_lower(x)) return x;
  const bool lasts = x.dtype() == float32 && x.is_leaf() && x.requires_grad();
  if (lasts && thread_state.now.cache) return convert_once(x, thread_state.now.dtype);
  return x.to(thread_state.now.dtype);
}

bool autocast_raises(std::initializer_list<const Tensor*> tensors) noexcept {
  return any_is(tensors, [](const Tensor& x) { return has_16_bits(x.dtype()); });
}

Tensor autocast_raised(const Tensor& x) {
  return x.defined() && has_16_bits(x.dtype()) ? x.to(float32) : x;
}

std::optional<DType> autocast_widest(std::initializer_list<const Tensor*> tensors) noexcept {
  std::optional<DType> widest;
  if (!any_is(tensors, [](const Tensor&) { return true; })) return {};
  bool differ = false;
  for (const Tensor* x : tensors) {
    if (!x->defined() || !is_floating_point(x->dtype())) continue;
    const DType both = widest ? promote_types(*widest, x->dtype()) : x->dtype();
    differ = differ || (widest && *widest != x->dtype());
    widest = both;
  }
  return differ ? widest : std::nullopt;
}

}  // namespace cuttle
