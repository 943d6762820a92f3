#include "sgd_launch.h"

#include <cstring>

#include "../core/allocators.h"
#include "../core/creation.h"
#include "../core/cuda_graph.h"
#include "../core/dispatch.h"
#include "../core/tensor_impl.h"

namespace cuttle {
namespace {

size_t factors_size(DType dtype) {
  return dispatch_float_double("SGD", dtype,
                               []<class T>() { return sizeof(kernels::SgdFactors<T>); });
}

// The factors, then the flags, as a kernel finds them in memory.
template <class T>
std::vector<std::byte> packed(const kernels::SgdOptions& options,
                              const std::vector<bool>& first_steps) {
  const kernels::SgdFactors<T> factors(options);
  std::vector<std::byte> bytes(sizeof(factors) + first_steps.size());
  std::memcpy(bytes.data(), &factors, sizeof(factors));
  for (size_t n = 0; n < first_steps.size(); ++n)
    bytes[sizeof(factors) + n] = std::byte{first_steps[n]};
  return bytes;
}

}  // namespace

SgdScalars::SgdScalars(const Device& device, DType dtype, size_t parameters)
    : dtype_(dtype),
      factors_size_(factors_size(dtype)),
      memory_(empty({static_cast<int64_t>(factors_size_ + parameters)},
                    {.dtype = uint8, .device = device})),
      first_steps_(parameters) {}

void SgdScalars::set(const kernels::SgdOptions& options, const std::vector<bool>& first_steps) {
  if (is_set_ && options == options_ && first_steps == first_steps_) return;
  const std::vector<std::byte> bytes = dispatch_float_double(
      "SGD", dtype_, [&]<class T>() { return packed<T>(options, first_steps); });
  if (memory_.is_cpu())
    std::memcpy(memory_.raw_data(), bytes.data(), bytes.size());
  else
    copy_to_device(memory_.raw_data(), memory_.device(), bytes.data(), bytes.size());
  is_set_ = true;
  options_ = options;
  first_steps_ = first_steps;
}

const bool* SgdScalars::first_step(size_t n) const {
  return reinterpret_cast<const bool*>(memory_.data<uint8_t>() + factors_size_) + n;
}

SgdScalars& SgdLaunch::scalars() {
  const cuda::OrdinaryMemoryGuard guard;  // the host writes there between replays
  if (!scalars_ || scalars_->parameters() != updates_.size())
    scalars_.emplace(device_, dtype_, updates_.size());
  return *scalars_;
}

void SgdLaunch::prepare(const kernels::SgdOptions& options, std::vector<Tensor>& kept) {
  std::vector<bool> first_steps(updates_.size());
  for (size_t n = 0; n < updates_.size(); ++n) {
    const SgdUpdate& update = updates_[n];
    if (update.parameter.raw_data() != update.memory)
      fail("SGD: parameter ", update.index, " was moved after its step was captured into a CUDA ",
           "graph; capture the step again");
    update.parameter.impl().storage->bump_version();
    if (options.momentum == 0) continue;
    Tensor buffer = update.momentum_buffer;
    if (!buffer.defined())
      fail("SGD: momentum was 0 when the step was captured into a CUDA graph, and is ",
           options.momentum, " now; capture the step again");
    Tensor& before = kept[update.index];
    first_steps[n] = !before.defined();
    if (before.defined() && !before.is_same(buffer)) buffer.copy_(before);
    before = buffer;
  }
  scalars().set(options, first_steps);
}

void SgdLaunch::run() {
  const SgdScalars& read = scalars();
  dispatch_float_double("SGD", dtype_, [&]<class T>() {
    std::vector<kernels::SgdParameter<T>> parameters;
    parameters.reserve(updates_.size());
    for (const SgdUpdate& update : updates_) {
      const Tensor& buffer = update.momentum_buffer;
      parameters.push_back({.value = update.value.data<T>(),
                            .gradient = update.gradient.data<T>(),
                            .momentum_buffer = buffer.defined() ? buffer.data<T>() : nullptr,
                            .numel = update.value.numel(),
                            .first_step = read.first_step(parameters.size())});
    }
    on_device(device_, [&](auto stream) {
      kernels::sgd_step<T>(stream, read.factors<T>(),
                           std::span<const kernels::SgdParameter<T>>(parameters));
    });
  });
  for (SgdUpdate& update : updates_)
    if (!update.value.is_same(update.parameter)) update.parameter.copy_(update.value);
}

}  // namespace cuttle
