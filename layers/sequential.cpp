// Sequential: its list of children, and the chain of calls.
#include "sequential.h"

#include <atomic>

#include "../core/cuda.h"
#include "fused_layers.h"

namespace cuttle {

namespace {

std::atomic<bool> fusion_is_on{true};

}  // namespace

void set_layer_fusion(bool enable) noexcept {
  fusion_is_on = enable;
}
bool layer_fusion() noexcept {
  return fusion_is_on;
}

Sequential::Sequential(std::initializer_list<AnyModule> modules) {
  for (const AnyModule& module : modules) append(module);
}

Sequential& Sequential::append(AnyModule module) {
  register_module(std::to_string(size()), module.get());
  return *this;
}

Module& Sequential::operator[](size_t index) const {
  if (index >= size())
    fail("Sequential: there is no module ", index, "; it has ", size(), ", numbered from 0");
  return *named_children()[index].second;
}

Tensor Sequential::forward(const Tensor& input) {
  return run_layers(named_children(), 0, size(), input);
}

Tensor run_layers(const Module::NamedChildren& layers, size_t first, size_t last,
                  const Tensor& input) {
  Tensor output = input;
  const bool wants_vendor =
      input.defined() && input.device().is_cuda() && cuda::backend() == cuda::Backend::vendor;
  const bool fuses = layer_fusion() && !wants_vendor;  // cuDNN has no such kernel
  for (size_t i = first; i < last;) {
    const auto fused = fuses ? find_fused_layers(layers, i) : std::nullopt;
    if (fused && i + fused->count <= last)
      if (const Tensor result = fused->forward(output); result.defined()) {
        output = result;
        i += fused->count;
        continue;
      }
    output = (*layers[i].second)(output);
    ++i;
  }
  return output;
}

}  // namespace cuttle
