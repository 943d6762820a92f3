// Containers: their lists are the module's own children and parameters.
#include "containers.h"

#include "../core/text.h"

namespace cuttle {
namespace {

size_t place(const char* container, const char* what, int64_t index, size_t size) {
  const auto count = static_cast<int64_t>(size);
  if (index < -count || index >= count)
    fail(container, ": there is no ", what, " ", index, "; it has ", size, ", numbered from 0");
  return static_cast<size_t>(index < 0 ? index + count : index);
}

template <class Named>
auto found(const char* container, const Named& all, const std::string& name) {
  for (const auto& [own, value] : all)
    if (own == name) return value;
  std::vector<std::string> names;
  for (const auto& [own, value] : all) names.push_back(own);
  fail(container, ": there is no ", in_quotes(name), "; it has ",
       names.empty() ? "nothing"
                     : listed(names, [](const std::string& own) { return in_quotes(own); }));
}

template <class Named>
bool has(const Named& all, const std::string& name) {
  for (const auto& [own, value] : all)
    if (own == name) return true;
  return false;
}

}  // namespace

ModuleList::ModuleList(std::initializer_list<AnyModule> modules) {
  extend(modules);
}
ModuleList& ModuleList::append(AnyModule module) {
  register_module(std::to_string(size()), module.get());
  return *this;
}
ModuleList& ModuleList::extend(std::initializer_list<AnyModule> modules) {
  for (const AnyModule& module : modules) append(module);
  return *this;
}
Module& ModuleList::operator[](int64_t index) const {
  return *named_children()[place("ModuleList", "module", index, size())].second;
}

ModuleDict::ModuleDict(std::initializer_list<std::pair<std::string, AnyModule>> modules) {
  for (const auto& [name, module] : modules) add(name, module);
}
ModuleDict& ModuleDict::add(std::string name, AnyModule module) {
  register_module(std::move(name), module.get());
  return *this;
}
bool ModuleDict::contains(const std::string& name) const {
  return has(named_children(), name);
}
std::vector<std::string> ModuleDict::keys() const {
  std::vector<std::string> names;
  for (const auto& [name, child] : named_children()) names.push_back(name);
  return names;
}
Module& ModuleDict::operator[](const std::string& name) const {
  return *found("ModuleDict", named_children(), name);
}

ParameterList::ParameterList(std::initializer_list<Tensor> values) {
  for (const Tensor& value : values) append(value);
}
ParameterList& ParameterList::append(const Tensor& value) {
  register_parameter(std::to_string(size()), value);
  return *this;
}
Tensor ParameterList::operator[](int64_t index) const {
  return parameters()[place("ParameterList", "parameter", index, size())];
}

ParameterDict::ParameterDict(std::initializer_list<std::pair<std::string, Tensor>> values) {
  for (const auto& [name, value] : values) add(name, value);
}
ParameterDict& ParameterDict::add(const std::string& name, const Tensor& value) {
  register_parameter(name, value);
  return *this;
}
bool ParameterDict::contains(const std::string& name) const {
  return has(named_parameters(), name);
}
Tensor ParameterDict::operator[](const std::string& name) const {
  return found("ParameterDict", named_parameters(), name);
}

}  // namespace cuttle
