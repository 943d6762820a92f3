// Module: registering, walking the tree, moving between devices and dtypes. Its state is in
// module_state.cpp, its printed form in module_print.cpp.
#include "module.h"

#include <set>

#include "../core/autograd/grad_mode.h"
#include "../core/tensor_impl.h"

namespace cuttle {

Tensor Module::forward(const Tensor&) {
  fail(type_name(), " has no forward of one tensor; override forward(const Tensor&), or call the ",
       "module with the arguments that its own forward takes");
}

void Module::check_name(const char* function, const std::string& name) const {
  if (name.empty()) fail(function, ": a name in ", type_name(), " cannot be empty");
  if (name.find('.') != std::string::npos)
    fail(function, ": the name \"", name, "\" in ", type_name(),
         " cannot contain a dot: dots separate the names in a path");
  if (names_.contains(name))
    fail(function, ": ", type_name(), " has \"", name, "\" already; choose another name");
}

void Module::add_child(std::string name, std::shared_ptr<Module> child) {
  check_name("register_module", name);
  if (!child) fail("register_module: the module \"", name, "\" is a null pointer");
  child->name_ = name;
  names_.insert(name);
  children_.emplace_back(std::move(name), std::move(child));
}

RegisteredParameter Module::register_parameter(std::string name, Tensor value, bool requires_grad) {
  check_name("register_parameter", name);
  if (value.defined()) {
    if (!is_floating_point(value.dtype()))
      fail("register_parameter: \"", name, "\" is ", value.dtype(),
           "; a parameter is float32 or float64, register_buffer takes the others");
    if (!value.is_leaf())
      fail("register_parameter: \"", name, "\" is the result of an operation (", value.grad_fn(),
           "); a parameter must be a leaf: detach() it first");
    value.requires_grad_(requires_grad);
  }
  names_.insert(name);
  parameters_.push_back({std::move(name), Parameter(std::move(value))});
  return RegisteredParameter(parameters_.back().tensor);
}

Tensor& Module::register_buffer(std::string name, Tensor value, bool persistent) {
  check_name("register_buffer", name);
  names_.insert(name);
  return buffers_.emplace_back(Slot<Tensor>{std::move(name), std::move(value), persistent}).tensor;
}

template <class T>
Module::NamedTensors Module::collect(Slots<T> Module::*slots) const {
  NamedTensors found;
  std::set<const TensorImpl*> seen;
  walk(*this, "", [&](const std::string& path, const Module& module) {
    for (const Slot<T>& slot : module.*slots)
      if (slot.tensor.defined() && !slot.is_computed && seen.insert(&slot.tensor.impl()).second)
        found.emplace_back(path.empty() ? slot.name : path + "." + slot.name, slot.tensor);
  });
  return found;
}

namespace {

std::vector<Tensor> without_names(const Module::NamedTensors& named) {
  std::vector<Tensor> tensors;
  tensors.reserve(named.size());
  for (const auto& [name, tensor] : named) tensors.push_back(tensor);
  return tensors;
}

}  // namespace

Module::NamedTensors Module::named_parameters() const {
  return collect(&Module::parameters_);
}

Module::NamedTensors Module::named_buffers() const {
  return collect(&Module::buffers_);
}

std::vector<Tensor> Module::parameters() const {
  return without_names(named_parameters());
}

std::vector<Tensor> Module::buffers() const {
  return without_names(named_buffers());
}

std::vector<std::shared_ptr<Module>> Module::children() const {
  std::vector<std::shared_ptr<Module>> modules;
  for (const auto& [name, child] : children_) modules.push_back(child);
  return modules;
}

std::vector<std::pair<std::string, Module*>> Module::named_modules() {
  std::vector<std::pair<std::string, Module*>> found;
  std::set<const Module*> seen;
  walk(*this, "", [&](const std::string& path, Module& module) {
    if (seen.insert(&module).second) found.emplace_back(path, &module);
  });
  return found;
}

std::vector<Module*> Module::modules() {
  std::vector<Module*> found;
  for (const auto& [path, module] : named_modules()) found.push_back(module);
  return found;
}

Module& Module::apply(const std::function<void(Module&)>& f) {
  std::set<const Module*> seen;
  for (const auto& [name, child] : children_)
    if (seen.insert(child.get()).second) child->apply(f);
  f(*this);
  return *this;
}

Module& Module::train(bool mode) {
  walk(*this, "", [&](const std::string&, Module& module) { module.training_ = mode; });
  return *this;
}

Module& Module::requires_grad_(bool requires_grad) {
  for (Tensor& parameter : parameters()) parameter.requires_grad_(requires_grad);
  return *this;
}

void Module::zero_grad(bool set_to_none) {
  const NoGradGuard no_grad;
  for (Tensor& parameter : parameters()) {
    Tensor gradient = parameter.grad();
    if (!gradient.defined()) continue;
    if (set_to_none) {
      parameter.set_grad({});
    } else {
      gradient.zero_();
      if (!gradient.is_leaf()) parameter.set_grad(gradient.detach());
    }
  }
}

Module& Module::convert(const Device* device, const DType* dtype) {
  if (dtype && !is_floating_point(*dtype))
    fail("Module::to: a module's parameters are of a floating dtype, not of ", *dtype);
  const NoGradGuard no_grad;
  std::vector<Tensor> tensors = parameters();
  const size_t parameter_count = tensors.size();
  for (size_t i = 0; i < parameter_count; ++i)
    if (const Tensor gradient = tensors[i].grad(); gradient.defined()) tensors.push_back(gradient);
  for (const Tensor& buffer : buffers()) tensors.push_back(buffer);

  // All copies are made before the first tensor changes, so that an Error leaves the module whole.
  std::vector<Tensor> moved;
  moved.reserve(tensors.size());
  for (const Tensor& tensor : tensors) {
    const bool converts = dtype && is_floating_point(tensor.dtype());
    moved.push_back(
        tensor.detach().to(device ? *device : tensor.device(), converts ? *dtype : tensor.dtype()));
  }
  for (size_t i = 0; i < tensors.size(); ++i) tensors[i].impl().set_data(moved[i].impl());
  return *this;
}

Module& Module::to(const Device& device) {
  return convert(&device, nullptr);
}

Module& Module::to(DType dtype) {
  return convert(nullptr, &dtype);
}

Module& Module::to(const Device& device, DType dtype) {
  return convert(&device, &dtype);
}

}  // namespace cuttle
