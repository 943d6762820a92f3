// Whether operations are recorded on the tape.
#pragma once

namespace cuttle {

/// True if operations on this thread are recorded.
bool is_grad_enabled() noexcept;

/// Turns recording on or off until the end of the scope. It does not reach other threads: what they
/// compute meanwhile is recorded or not by their own guards, and a new thread starts with recording
/// on. Needs a name: an unnamed guard would end at its semicolon.
class [[nodiscard]] GradMode {
 public:
  [[nodiscard]] explicit GradMode(bool enabled) noexcept;
  ~GradMode();
  GradMode(const GradMode&) = delete;
  GradMode& operator=(const GradMode&) = delete;

 private:
  bool previous_;
};

/// torch.no_grad(): `NoGradGuard no_grad;` until the end of the scope, on this thread alone.
class [[nodiscard]] NoGradGuard : public GradMode {
 public:
  [[nodiscard]] NoGradGuard() noexcept : GradMode(false) {}
};

}  // namespace cuttle
