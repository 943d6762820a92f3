#include "grad_scaler.h"

#include "../core/autograd/grad_mode.h"
#include "../core/creation.h"
#include "../core/ops/arithmetic.h"
#include "../core/ops/elementwise.h"
#include "gradient_arrays.h"

namespace cuttle {
namespace {

void check(const GradScalerOptions& o) {
  if (!(o.init_scale > 0)) fail("GradScaler: the scale must be above 0, got ", o.init_scale);
  if (!(o.growth_factor > 1))
    fail("GradScaler: growth_factor must be above 1, got ", o.growth_factor);
  if (!(o.backoff_factor > 0 && o.backoff_factor < 1))
    fail("GradScaler: backoff_factor must be between 0 and 1, got ", o.backoff_factor);
  if (o.growth_interval < 1)
    fail("GradScaler: growth_interval must be at least 1, got ", o.growth_interval);
}

}  // namespace

GradScaler::GradScaler(const GradScalerOptions& options) : options_(options) {
  check(options);
  scale_ = full({}, options.init_scale, {.dtype = float32});
  tracker_ = zeros({}, {.dtype = int32});
}

void GradScaler::move_to(const Device& device) {
  if (scale_.device() == device) return;
  scale_ = scale_.to(device);
  tracker_ = tracker_.to(device);
}

Tensor GradScaler::scale(const Tensor& loss) {
  if (!options_.enabled) return loss;
  move_to(loss.device());
  return loss * scale_.to(loss.dtype());
}

void GradScaler::unscale_(Optimizer& optimizer) {
  if (!options_.enabled) return;
  Found& found = found_[&optimizer];
  if (found.unscaled)
    fail(
        "GradScaler::unscale_: the gradients of this optimizer were unscaled since the last "
        "update()");
  const NoGradGuard no_grad;
  std::vector<Tensor> gradients;
  for (size_t group = 0; group < optimizer.group_count(); ++group)
    for (const Tensor& parameter : optimizer.parameters(group))
      gradients.push_back(parameter.grad());
  const std::vector<GradientArrays> sorted = sorted_gradients(gradients);
  if (!found.flag.defined() || found.flag.device() != scale_.device())
    found.flag = empty({}, {.dtype = float32, .device = scale_.device()});
  found.flag.zero_();
  const Tensor inverse = scale_.to(float64).reciprocal();
  for (const GradientArrays& each : sorted) {
    if (each.device() != scale_.device())
      fail("GradScaler::unscale_: a gradient is on ", each.device(), " and the loss was on ",
           scale_.device(), "; give each device a scaler of its own");
    each.scale(inverse.to(each.dtype()), found.flag);
  }
  found.unscaled = true;
}

void GradScaler::step(Optimizer& optimizer) {
  if (!options_.enabled) return optimizer.step();
  Found& found = found_[&optimizer];
  if (found.stepped)
    fail(
        "GradScaler::step: this optimizer has stepped since the last update(); call update() "
        "behind it");
  if (!found.unscaled) unscale_(optimizer);
  optimizer.step_unless(found.flag);
  found.stepped = true;
}

void GradScaler::update() {
  if (!options_.enabled) return;
  const NoGradGuard no_grad;
  Tensor any;
  for (auto& [optimizer, found] : found_) {
    if (!found.unscaled) continue;
    any = any.defined() ? maximum(any, found.flag) : found.flag;
    found.unscaled = found.stepped = false;
  }
  if (!any.defined())
    fail(
        "GradScaler::update: no gradients were unscaled since the last one; call step(optimizer) "
        "first");
  const Tensor bad = any > 0, good_steps = where(bad, 0, tracker_ + 1);
  const Tensor grown = scale_ * options_.growth_factor;
  const Tensor grows = logical_and(good_steps == options_.growth_interval, grown.isfinite());
  tracker_.copy_(where(good_steps == options_.growth_interval, 0, good_steps));
  scale_.copy_(where(bad, scale_ * options_.backoff_factor, where(grows, grown, scale_)));
}

double GradScaler::get_scale() const {
  return options_.enabled ? scale_.item() : 1;
}

Dict GradScaler::state_dict() const {
  if (!options_.enabled) return {};
  return Dict{{"scale", scale_.item()},
              {"growth_factor", options_.growth_factor},
              {"backoff_factor", options_.backoff_factor},
              {"growth_interval", options_.growth_interval},
              {"_growth_tracker", static_cast<int64_t>(tracker_.item())}};
}

void GradScaler::load_state_dict(const Value& state) {
  if (!options_.enabled) return;
  if (state.dict().empty())
    fail("GradScaler: the state is empty, as that of a disabled scaler; nothing was changed");
  GradScalerOptions loaded = options_;
  loaded.init_scale = state["scale"].to_double();
  loaded.growth_factor = state["growth_factor"].to_double();
  loaded.backoff_factor = state["backoff_factor"].to_double();
  loaded.growth_interval = state["growth_interval"].to_int();
  const int64_t tracker = state["_growth_tracker"].to_int();
  check(loaded);
  if (tracker < 0 || tracker > loaded.growth_interval)
    fail("GradScaler: _growth_tracker must be from 0 to growth_interval, ", loaded.growth_interval,
         ", got ", tracker);
  options_ = loaded;
  scale_.fill_(loaded.init_scale);
  tracker_.fill_(tracker);
}

}  // namespace cuttle
