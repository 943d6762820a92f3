// Module: a second one like it. Each object is constructed anew and then given what the original
// holds.
#include <algorithm>
#include <map>

#include "../core/autograd/grad_mode.h"
#include "../core/autograd/random_state.h"
#include "../core/tensor_impl.h"
#include "module.h"

namespace cuttle {

/// One clone(): it knows what was copied already, so that what is shared stays shared.
class Module::Cloning {
 public:
  std::shared_ptr<Module> copy_of(const Module& original, const Maker& otherwise = {}) {
    if (const auto known = modules_.find(&original); known != modules_.end()) return known->second;
    const std::shared_ptr<Module> copy = construct(original, otherwise);
    adopt(original, copy);
    return copy;
  }

 private:
  static std::shared_ptr<Module> construct(const Module& original, const Maker& otherwise) {
    for (const Maker* maker : {&original.maker_, &otherwise})
      if (maker->type != nullptr && *maker->type == typeid(original)) return maker->make();
    const std::string name = original.type_name();
    fail("clone: it is not known how a ", name, " is constructed; ", advice(name));
  }
  static std::string advice(const std::string& name) {
    return "write constructed_from<" + name + ">(arguments…) in its constructor";
  }

  void adopt(const Module& original, const std::shared_ptr<Module>& copy) {
    modules_.emplace(&original, copy);
    copy->training_ = original.training_;
    adopt_slots(original, original.parameters_, *copy, copy->parameters_, "parameter");
    adopt_slots(original, original.buffers_, *copy, copy->buffers_, "buffer");
    for (const auto& [name, child] : original.children_) {
      if (const std::shared_ptr<Module> made = child_of(*copy, name); !made)
        copy->add_child(name, copy_of(*child));
      else if (typeid(*made) == typeid(*child))
        adopt(*child, made);
      else
        fail("clone: as ", original.type_name(), " is constructed, \"", name, "\" is a ",
             made->type_name(), ", and in the module it is a ", child->type_name());
    }
    for (const auto& [name, child] : copy->children_)
      if (!child_of(original, name)) refuse_surplus(original, "child", name);
    if (copy->extra_repr() != original.extra_repr())
      fail("clone: as ", original.type_name(), " is constructed it is ", copy->type_name(), "(",
           copy->extra_repr(), "), and the module is ", original.type_name(), "(",
           original.extra_repr(), "); ", advice(original.type_name()));
  }

  template <class Slots>
  void adopt_slots(const Module& original, const Slots& from, Module& copy, Slots& to,
                   const char* kind) {
    const auto find = [](auto& slots, const std::string& name) {
      return std::find_if(slots.begin(), slots.end(),
                          [&](const auto& slot) { return slot.name == name; });
    };
    for (const auto& slot : from) {
      auto place = find(to, slot.name);
      if (place == to.end()) {
        copy.check_name("clone", slot.name);
        copy.names_.insert(slot.name);
        to.push_back({slot.name, decltype(slot.tensor)(Tensor()), slot.persistent});
        place = std::prev(to.end());
      }
      Tensor& tensor = place->tensor;
      if (tensor.defined() && slot.tensor.defined() && tensor.shape() != slot.tensor.shape())
        fail("clone: as ", original.type_name(), " is constructed, \"", slot.name, "\" has shape ",
             tensor.shape(), ", and in the module ", slot.tensor.shape(), "; ",
             advice(original.type_name()));
      tensor = copy_of(slot.tensor);
      place->persistent = slot.persistent;
    }
    for (const auto& slot : to)
      if (find(from, slot.name) == from.end()) refuse_surplus(original, kind, slot.name);
  }

  Tensor copy_of(const Tensor& tensor) {
    if (!tensor.defined()) return {};
    Tensor& copy = tensors_[&tensor.impl()];
    if (copy.defined()) return copy;
    copy = tensor.detach().clone();
    if (tensor.is_leaf()) copy.requires_grad_(tensor.requires_grad());
    if (const Tensor gradient = tensor.grad(); gradient.defined())
      copy.set_grad(gradient.detach().clone());
    return copy;
  }

  static std::shared_ptr<Module> child_of(const Module& module, const std::string& name) {
    for (const auto& [own, child] : module.children_)
      if (own == name) return child;
    return nullptr;
  }

  [[noreturn]] static void refuse_surplus(const Module& original, const char* kind,
                                          const std::string& name) {
    fail("clone: as ", original.type_name(), " is constructed it has a ", kind, " \"", name,
         "\", which the module does not have");
  }

  std::map<const Module*, std::shared_ptr<Module>> modules_;
  std::map<const TensorImpl*, Tensor> tensors_;
};

std::shared_ptr<Module> Module::clone() const {
  return clone_with({});
}

std::shared_ptr<Module> Module::clone_with(const Maker& maker) const {
  const RandomStateScope as_before(RandomState::capture());  // constructors draw initial weights
  std::shared_ptr<Module> copy = Cloning().copy_of(*this, maker);
  return copy;
}

}  // namespace cuttle
