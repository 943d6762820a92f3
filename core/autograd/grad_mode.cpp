#include "grad_mode.h"

namespace cuttle {
namespace {

thread_local bool grad_enabled = true;

}  // namespace

bool is_grad_enabled() noexcept {
  return grad_enabled;
}

GradMode::GradMode(bool enabled) noexcept : previous_(grad_enabled) {
  grad_enabled = enabled;
}
GradMode::~GradMode() {
  grad_enabled = previous_;
}

}  // namespace cuttle
