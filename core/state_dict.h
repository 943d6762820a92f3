// Named tensors in order: what a module holds, what a file keeps.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tensor.h"

namespace cuttle {

/// An ordered list of (name, tensor) with distinct names, as PyTorch's state_dict.
class StateDict {
 public:
  using Entry = std::pair<std::string, Tensor>;

  StateDict() = default;
  StateDict(std::initializer_list<Entry> entries);

  /// Appends; throws Error if the name is there already.
  void insert(std::string name, Tensor tensor);
  /// nullptr if there is none of that name.
  const Tensor* find(std::string_view name) const;
  /// Throws Error, listing the names, if there is none of that name.
  const Tensor& at(std::string_view name) const;

  size_t size() const noexcept { return entries_.size(); }
  bool empty() const noexcept { return entries_.empty(); }
  auto begin() const noexcept { return entries_.begin(); }
  auto end() const noexcept { return entries_.end(); }

 private:
  std::vector<Entry> entries_;
};

}  // namespace cuttle
