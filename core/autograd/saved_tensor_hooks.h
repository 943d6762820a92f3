// Keeping what backwards need in another form, or elsewhere: on the host, in a file, compressed.
#pragma once

#include <any>
#include <functional>
#include <memory>

#include "../tensor.h"

namespace cuttle {

/// What pack makes of a saved tensor is anything: a tensor elsewhere, a file's name.
using PackHook = std::function<std::any(const Tensor& saved)>;
/// Makes the tensor again, of the same shape, dtype and device.
using UnpackHook = std::function<Tensor(const std::any& packed)>;

/// torch.autograd.graph.saved_tensors_hooks: in its scope, on this thread, each tensor that a
/// recorded operation saves goes through `pack`, and the tape keeps what that returns alone;
/// `unpack` is called whenever a backward needs the tensor. Neither is recorded, and pack must not
/// write to the tensor. Of guards within each other the innermost counts. Tensors changed in place
/// after they were saved are refused as without hooks, as long as their memory lives. Graphs that
/// several threads replay at once call unpack at once.
///
///     const SavedTensorHooks hooks([](const Tensor& x) { return std::any(x.to(float16)); },
///                                  [](const std::any& p) {
///                                    return std::any_cast<Tensor>(p).to(float32);
///                                  });
class [[nodiscard]] SavedTensorHooks {
 public:
  struct Pair {
    PackHook pack;
    UnpackHook unpack;
  };

  [[nodiscard]] SavedTensorHooks(PackHook pack, UnpackHook unpack);
  ~SavedTensorHooks();
  SavedTensorHooks(const SavedTensorHooks&) = delete;
  SavedTensorHooks& operator=(const SavedTensorHooks&) = delete;

  /// The pair that counts on this thread now; nullptr for none.
  static const std::shared_ptr<const Pair>& current() noexcept;

 protected:
  /// A scope without hooks: in which pack and unpack run.
  SavedTensorHooks() : SavedTensorHooks(std::shared_ptr<const Pair>()) {}

 private:
  explicit SavedTensorHooks(std::shared_ptr<const Pair> pair);

  std::shared_ptr<const Pair> previous_;
};

/// No hooks in its scope.
class [[nodiscard]] NoSavedTensorHooks : public SavedTensorHooks {
 public:
  [[nodiscard]] NoSavedTensorHooks() = default;
};

/// torch.autograd.graph.save_on_cpu: `SaveOnCpu offload;` keeps what is saved in its scope in host
/// memory, and brings it back to its device for the backward. What is on the host already stays.
class [[nodiscard]] SaveOnCpu : public SavedTensorHooks {
 public:
  [[nodiscard]] SaveOnCpu();
};

}  // namespace cuttle
