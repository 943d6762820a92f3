#include "grad_mode.h"

namespace cuttle {
namespace {

thread_local bool grad_enabled = true;
thread_local bool inference_enabled = false;

}  // namespace

bool is_grad_enabled() noexcept {
  return grad_enabled;
}

void set_grad_enabled(bool enabled) noexcept {
  grad_enabled = enabled && !inference_enabled;
}

GradMode::GradMode(bool enabled) noexcept : previous_(grad_enabled) {
  set_grad_enabled(enabled);
}
GradMode::~GradMode() {
  grad_enabled = previous_;
}

bool is_inference_mode_enabled() noexcept {
  return inference_enabled;
}

InferenceMode::InferenceMode(bool enabled) noexcept
    : previous_inference_(inference_enabled), previous_grad_(grad_enabled) {
  inference_enabled = enabled;
  grad_enabled = !enabled;
}
InferenceMode::~InferenceMode() {
  inference_enabled = previous_inference_;
  grad_enabled = previous_grad_;
}

}  // namespace cuttle
