// Sequential: its list of children, and the chain of calls.
#include "sequential.h"

namespace cuttle {

Sequential::Sequential(std::initializer_list<AnyModule> modules) {
  for (const AnyModule& module : modules) append(module);
}

Sequential& Sequential::append(AnyModule module) {
  register_module(std::to_string(size()), module.get());
  return *this;
}

Module& Sequential::operator[](size_t index) const {
  if (index >= size())
    fail("Sequential: there is no module ", index, "; it has ", size(), ", numbered from 0");
  return *named_children()[index].second;
}

Tensor Sequential::forward(const Tensor& input) {
  Tensor output = input;
  for (const auto& [name, child] : named_children()) output = (*child)(output);
  return output;
}

}  // namespace cuttle
