// What an operation keeps for its backward, with a guard against later in-place writes.
#pragma once

#include <memory>

#include "../tensor.h"

namespace cuttle {

class Node;

/// A tensor kept for the backward. get() throws Error if its memory was written in place since.
class SavedTensor {
 public:
  SavedTensor() = default;

  /// The tensor as it was saved, with its place on the tape.
  Tensor get() const;
  bool defined() const noexcept { return data_.defined() || packed_ != nullptr; }

 private:
  friend SavedTensor save(const Tensor& input);
  friend SavedTensor save_output(const Tensor& output);
  friend void settle_saved_tensors(std::string_view op);
  struct Packed;
  SavedTensor(Tensor data, bool is_output);
  Tensor as_output(const Tensor& data) const;

  Tensor data_;
  uint64_t version_ = 0;
  const void* memory_ = nullptr;  // Module::to gives a parameter other memory
  bool is_output_ = false;
  std::shared_ptr<Packed> packed_;  // in place of data_, where hooks or inference mode have a say
};

/// Keeps an input of the operation (or nothing, for an undefined tensor).
SavedTensor save(const Tensor& input);
/// Keeps the operation's own output. Its memory is kept, never its node: that would be a cycle.
SavedTensor save_output(const Tensor& output);

/// What this thread has saved for an operation is about to be recorded: hands it to the hooks
/// (core/autograd/saved_tensor_hooks.h). Throws Error for inference tensors.
void settle_saved_tensors(std::string_view op);

}  // namespace cuttle
