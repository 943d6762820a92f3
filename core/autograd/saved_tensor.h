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
  bool defined() const noexcept { return data_.defined(); }

 private:
  friend SavedTensor save(const Tensor& input);
  friend SavedTensor save_output(const Tensor& output);
  SavedTensor(Tensor data, bool is_output);

  Tensor data_;
  uint64_t version_ = 0;
  const void* memory_ = nullptr;  // Module::to gives a parameter other memory
  bool is_output_ = false;
};

/// Keeps an input of the operation (or nothing, for an undefined tensor).
SavedTensor save(const Tensor& input);
/// Keeps the operation's own output. Its memory is kept, never its node: that would be a cycle.
SavedTensor save_output(const Tensor& output);

}  // namespace cuttle
