// GradScaler: keeps small gradients of float16 from vanishing.
#pragma once

#include <unordered_map>

#include "../core/value.h"
#include "optimizer.h"

namespace cuttle {

struct GradScalerOptions {
  double init_scale = 65536;
  double growth_factor = 2;
  double backoff_factor = 0.5;
  int64_t growth_interval = 2000;
  bool enabled = true;
};

/// torch.amp.GradScaler. Within a training step,
///
///     scaler.scale(loss).backward();
///     scaler.step(optimizer);   // unscale_(optimizer) before it where gradients are to be clipped
///     scaler.update();
///
/// multiplies the loss, divides the gradients, leaves the step out where one of them is infinite or
/// NaN, and then lowers the scale; after growth_interval steps without such it raises it. Scale,
/// counter and what was found lie on the device: nothing waits, and a captured step does all of it.
/// A disabled scaler does nothing and steps always.
class GradScaler {
 public:
  /// Throws Error for a scale or interval that is not positive, a growth factor of 1 or less, and a
  /// backoff factor of 1 or more.
  explicit GradScaler(const GradScalerOptions& options = {});

  /// loss · scale, recorded.
  Tensor scale(const Tensor& loss);
  /// Divides the gradients of the optimizer's parameters by the scale, in place, once between two
  /// updates. Throws Error if it was called before, if nothing was scaled yet, or if the gradients
  /// lie on several devices.
  void unscale_(Optimizer& optimizer);
  /// unscale_() where that was not done, then the optimizer's step unless an element was not
  /// finite. Throws Error if it is called twice between two updates.
  void step(Optimizer& optimizer);
  /// Adapts the scale to what was found since the last update. Throws Error if nothing was
  /// unscaled.
  void update();

  bool is_enabled() const noexcept { return options_.enabled; }
  /// The scale now; waits for the device.
  double get_scale() const;

  /// PyTorch's: {"scale": 65536.0, "growth_factor": …, "backoff_factor": …, "growth_interval": …,
  /// "_growth_tracker": 0}; of a disabled scaler {}.
  Dict state_dict() const;
  /// Throws Error, and has changed nothing, for numbers that are missing or not allowed. A disabled
  /// scaler takes nothing.
  void load_state_dict(const Value& state);

 private:
  struct Found {
    Tensor flag;  // float32: 1 if an element was not finite
    bool unscaled = false, stepped = false;
  };
  void move_to(const Device& device);

  GradScalerOptions options_;
  Tensor scale_, tracker_;  // float32 and int32, one number each
  std::unordered_map<const Optimizer*, Found> found_;
};

}  // namespace cuttle
