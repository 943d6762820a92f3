// Whether operations are recorded on the tape.
#pragma once

namespace cuttle {

/// True if operations on this thread are recorded.
bool is_grad_enabled() noexcept;

/// Turns recording on or off until the end of the scope, on this thread.
class GradMode {
 public:
  explicit GradMode(bool enabled) noexcept;
  ~GradMode();
  GradMode(const GradMode&) = delete;
  GradMode& operator=(const GradMode&) = delete;

 private:
  bool previous_;
};

/// torch.no_grad(): `NoGradGuard no_grad;` until the end of the scope.
class NoGradGuard : public GradMode {
 public:
  NoGradGuard() noexcept : GradMode(false) {}
};

}  // namespace cuttle
