// Containers: modules and parameters by number or by name, for models that call them themselves.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "sequential.h"

namespace cuttle {

/// A child as the class that it is. Throws Error if it is of another one.
template <class M>
M& child_as(const char* container, const std::string& name, Module& child) {
  M* const found = dynamic_cast<M*>(&child);
  if (!found) fail(container, "::at: module ", name, " is a ", child.type_name());
  return *found;
}

/// torch.nn.ModuleList: children "0", "1", …; it has no forward of its own.
///
///     ModuleList& blocks = register_module("blocks", ModuleList{Linear(4, 4), Linear(4, 4)});
///     for (Module& block : blocks) x = block(x);
class ModuleList : public Module {
 public:
  ModuleList() = default;
  ModuleList(std::initializer_list<AnyModule> modules);

  ModuleList& append(AnyModule module);
  ModuleList& extend(std::initializer_list<AnyModule> modules);
  size_t size() const noexcept { return named_children().size(); }
  ChildIterator begin() const noexcept { return ChildIterator(named_children().begin()); }
  ChildIterator end() const noexcept { return ChildIterator(named_children().end()); }
  /// Negative numbers count from the back. Throws Error if there is no such module.
  Module& operator[](int64_t index) const;
  /// The same as its own class: blocks.at<Linear>(0). Throws Error if it is of another class.
  template <class M>
  M& at(int64_t index) const {
    return child_as<M>("ModuleList", std::to_string(index), (*this)[index]);
  }
};

/// torch.nn.ModuleDict: children by name, in the order in which they were added.
class ModuleDict : public Module {
 public:
  ModuleDict() = default;
  ModuleDict(std::initializer_list<std::pair<std::string, AnyModule>> modules);

  /// Throws Error for a name that is taken.
  ModuleDict& add(std::string name, AnyModule module);
  size_t size() const noexcept { return named_children().size(); }
  bool contains(const std::string& name) const;
  std::vector<std::string> keys() const;
  /// Throws Error, with the names there are, for one that there is not.
  Module& operator[](const std::string& name) const;
  template <class M>
  M& at(const std::string& name) const {
    return child_as<M>("ModuleDict", name, (*this)[name]);
  }
};

/// torch.nn.ParameterList: parameters "0", "1", ….
class ParameterList : public Module {
 public:
  ParameterList() = default;
  ParameterList(std::initializer_list<Tensor> values);

  /// Takes over a leaf and asks for its gradient.
  ParameterList& append(const Tensor& value);
  size_t size() const { return parameters().size(); }
  /// Negative numbers count from the back. Throws Error if there is no such parameter.
  Tensor operator[](int64_t index) const;
};

/// torch.nn.ParameterDict: parameters by name, in the order in which they were added.
class ParameterDict : public Module {
 public:
  ParameterDict() = default;
  ParameterDict(std::initializer_list<std::pair<std::string, Tensor>> values);

  ParameterDict& add(const std::string& name, const Tensor& value);
  size_t size() const { return parameters().size(); }
  bool contains(const std::string& name) const;
  /// Throws Error, with the names there are, for one that there is not.
  Tensor operator[](const std::string& name) const;
};

}  // namespace cuttle
