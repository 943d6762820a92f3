// Whether operations are recorded on the tape. All of it is a thread's own: guards do not reach
// other threads, and a new thread starts with recording on.
#pragma once

namespace cuttle {

/// True if operations on this thread are recorded.
bool is_grad_enabled() noexcept;
/// torch.set_grad_enabled: turns recording on or off for this thread from now on. Within
/// InferenceMode it stays off.
void set_grad_enabled(bool enabled) noexcept;

/// Turns recording on or off until the end of the scope. Needs a name: an unnamed guard would end
/// at its semicolon.
class [[nodiscard]] GradMode {
 public:
  [[nodiscard]] explicit GradMode(bool enabled) noexcept;
  ~GradMode();
  GradMode(const GradMode&) = delete;
  GradMode& operator=(const GradMode&) = delete;

 private:
  bool previous_;
};

/// torch.no_grad(): `NoGradGuard no_grad;` until the end of the scope.
class [[nodiscard]] NoGradGuard : public GradMode {
 public:
  [[nodiscard]] NoGradGuard() noexcept : GradMode(false) {}
};

/// torch.enable_grad(): `EnableGradGuard enable_grad;` within the scope of a NoGradGuard.
class [[nodiscard]] EnableGradGuard : public GradMode {
 public:
  [[nodiscard]] EnableGradGuard() noexcept : GradMode(true) {}
};

/// True in the scope of an InferenceMode.
bool is_inference_mode_enabled() noexcept;

/// torch.inference_mode(): as NoGradGuard, and what is computed will never meet the tape. Memory
/// allocated in its scope makes inference tensors: writes to it are not counted (version() throws),
/// and outside of the scope it can be read, but neither written in place, nor saved for a backward,
/// nor asked for gradients; clone() gives an ordinary tensor. Views of ordinary tensors stay
/// ordinary. `InferenceMode(false)` leaves the mode for a scope within.
class [[nodiscard]] InferenceMode {
 public:
  [[nodiscard]] explicit InferenceMode(bool enabled = true) noexcept;
  ~InferenceMode();
  InferenceMode(const InferenceMode&) = delete;
  InferenceMode& operator=(const InferenceMode&) = delete;

 private:
  bool previous_inference_, previous_grad_;
};

}  // namespace cuttle
