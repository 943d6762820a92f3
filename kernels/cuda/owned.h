// One owner for every handle of a C library: descriptors of cuDNN, handles of cuDNN and cuBLAS.
#pragma once

#include <utility>

namespace cuttle::kernels::cuda {

/// Holds a handle that `destroy` gives back. Move-only.
template <class Handle, auto destroy>
class Owned {
 public:
  Owned() = default;
  ~Owned() { reset(); }
  Owned(Owned&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }

  Handle get() const { return handle_; }
  /// For the library's create function to write to.
  Handle* out() {
    reset();
    return &handle_;
  }

 private:
  void reset() {
    if (handle_ != nullptr) (void)destroy(std::exchange(handle_, nullptr));
  }

  Handle handle_ = nullptr;
};

}  // namespace cuttle::kernels::cuda
