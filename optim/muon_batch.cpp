#include "muon_batch.h"

#include <cmath>
#include <cstring>

#include "../core/allocators.h"
#include "../core/creation.h"
#include "../core/cuda_graph.h"
#include "../core/dispatch.h"
#include "../core/ops/arithmetic.h"
#include "../core/profiler/hooks.h"
#include "../core/tensor_impl.h"
#include "newton_schulz.h"

namespace cuttle {
namespace {

double ratio(AdjustLrFn adjust, int64_t rows, int64_t columns) {
  const auto a = static_cast<double>(rows), b = static_cast<double>(columns);
  if (adjust == AdjustLrFn::match_rms_adamw) return 0.2 * std::sqrt(std::max(a, b));
  return std::sqrt(adjust == AdjustLrFn::original ? std::max(1., a / b) : a / b);
}

}  // namespace

void check_followed(const MuonOptions& captured, const MuonOptions& now) {
  if (captured.nesterov != now.nesterov || captured.ns_coefficients != now.ns_coefficients ||
      captured.eps != now.eps || captured.ns_steps != now.ns_steps)
    fail(
        "Muon: nesterov, ns_coefficients, eps or ns_steps was changed after the step was captured ",
        "into a CUDA graph, which follows the other options alone; capture the step again");
}

MuonBatch::MuonBatch(const Tensor& parameter)
    : shape_(parameter.shape()),
      rows_(parameter.size(0)),
      columns_(Shape(std::span(shape_.begin() + 1, shape_.end())).numel()) {
  const cuda::OrdinaryMemoryGuard guard;  // the host writes there between replays
  numbers_ = empty({2, 4}, {.dtype = parameter.dtype(), .device = parameter.device()});
}

bool MuonBatch::takes(const Tensor& parameter) const {
  return parameter.shape() == shape_ && parameter.dtype() == numbers_.dtype() &&
         parameter.device() == numbers_.device();
}

void MuonBatch::set(const Numbers& numbers) {
  if (known_ == numbers) return;
  dispatch_float_double("Muon", numbers_.dtype(), [&]<class T>() {
    const T both[8] = {T(numbers[0]), T(numbers[1]), T(numbers[2]), T(numbers[3]), 0, 0, 1, 0};
    if (numbers_.is_cpu())
      std::memcpy(numbers_.raw_data(), both, sizeof(both));
    else
      copy_to_device(numbers_.raw_data(), numbers_.device(), both, sizeof(both));
  });
  known_ = numbers;
}

void MuonBatch::prepare(const MuonOptions& options, std::vector<Tensor>& kept) {
  for (MuonUpdate& update : updates_) {
    if (update.parameter.raw_data() != update.memory)
      fail("Muon: parameter ", update.index,
           " was moved after its step was captured into a CUDA graph; capture the step again");
    update.parameter.impl().storage->bump_version();
    Tensor& before = kept[update.index];
    if (!before.defined())
      update.momentum.zero_();
    else if (!before.is_same(update.momentum))
      update.momentum.copy_(before);
    before = update.momentum;
  }
  set({1 - options.momentum, options.momentum, 1 - options.lr * options.weight_decay,
       -options.lr * ratio(options.adjust_lr_fn, rows_, columns_)});
}

void MuonBatch::run(const MuonOptions& options, const Tensor& skip) {
  const profiler::RangeScope profiled(profiler::RangeKind::operation, "Muon");
  const Tensor takes_step = skip.defined() ? skip.reshape(Shape{}) == 0 : Tensor();
  const auto number = [&](int64_t i) {
    const Tensor own = numbers_.select(0, 0).select(0, i);
    return skip.defined() ? own.where(takes_step, numbers_.select(0, 1).select(0, i)) : own;
  };
  const Tensor toward_gradient = number(0), toward_momentum = number(1);
  std::vector<Tensor> directions;
  for (MuonUpdate& update : updates_) {
    const Tensor gradient = skip.defined() ? update.gradient.where(takes_step, 0) : update.gradient;
    update.momentum.lerp_(gradient, toward_gradient);
    const Tensor direction =
        options.nesterov ? gradient.lerp(update.momentum, toward_momentum) : update.momentum;
    directions.push_back(direction.reshape(rows_, columns_));
  }
  const Tensor orthogonal = newton_schulz(stack(directions).to(bfloat16),
                                          {options.ns_coefficients, options.ns_steps, options.eps})
                                .to(numbers_.dtype());
  const Tensor decay = number(2), rate = number(3);
  for (size_t i = 0; i < updates_.size(); ++i) {
    Tensor& parameter = updates_[i].parameter;
    parameter.mul_(decay);
    parameter.addcmul_(orthogonal.select(0, static_cast<int64_t>(i)).reshape(shape_), rate);
  }
}

}  // namespace cuttle
