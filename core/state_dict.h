// Named tensors in order: what a module holds, what a file keeps.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tensor.h"

namespace cuttle {

/// An ordered list of (name, tensor) with distinct names, as PyTorch's state_dict. Adding one and
/// finding one take constant time.
class StateDict {
 public:
  using Entry = std::pair<std::string, Tensor>;

  StateDict() = default;
  StateDict(std::initializer_list<Entry> entries);

  /// Appends; throws Error if the name is there already.
  void insert(std::string name, Tensor tensor);
  /// nullptr if there is none of that name.
  const Tensor* find(std::string_view name) const;
  /// Throws Error, listing the names there are, if there is none of that name.
  const Tensor& at(std::string_view name) const;

  size_t size() const noexcept { return entries_.size(); }
  bool empty() const noexcept { return entries_.empty(); }
  auto begin() const noexcept { return entries_.begin(); }
  auto end() const noexcept { return entries_.end(); }

 private:
  struct Hash {
    using is_transparent = void;  // a string_view is looked up without a copy
    size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
  };

  std::vector<Entry> entries_;
  std::unordered_map<std::string, size_t, Hash, std::equal_to<>> places_;  // in entries_
};

}  // namespace cuttle
