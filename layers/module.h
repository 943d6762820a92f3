// Module: the base of every layer, loss and model. It owns parameters, buffers and child modules
// under names, moves them between devices, and gives and takes their state.
#pragma once

#include <concepts>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <unordered_set>
#include <utility>
#include <vector>

#include "../core/autograd/anomaly.h"
#include "../core/profiler/hooks.h"
#include "../core/state_dict.h"
#include "../core/tensor.h"
#include "module_hooks.h"
#include "parameter.h"

namespace cuttle {

/// Which names a state did not have, and which it had too many; both empty after a strict load.
struct LoadResult {
  std::vector<std::string> missing_keys;
  std::vector<std::string> unexpected_keys;
};

/// torch.nn.Module. A model reads as in Python, with each child a reference to what it registered:
///
///     class TrainModule : public cuttle::Module {
///      public:
///       Tensor forward(const Tensor& x) override { return model1(x); }
///       Sequential& model1 = register_module("model1", Sequential{Flatten(), Linear(784, 10)});
///     };
///
/// Modules can be moved but not copied; references to children and parameters survive the move.
/// clone(model) makes a second one.
class Module : public ModuleHooks {
 public:
  using NamedTensors = std::vector<std::pair<std::string, Tensor>>;
  using NamedChildren = std::vector<std::pair<std::string, std::shared_ptr<Module>>>;

  Module() = default;
  virtual ~Module() = default;

  /// What the module computes. A module whose forward takes other arguments (a loss takes two
  /// tensors) declares its own; this one throws Error.
  virtual Tensor forward(const Tensor& input);
  /// Calls the hooks and forward; an Error from inside gets the path of the module in front.
  Tensor operator()(const Tensor& input) {
    return call([this](const Tensor& in) { return forward(in); }, input);
  }

  /// The class, without its namespace: "Conv2d".
  virtual std::string type_name() const;
  /// What stands between the parentheses when the module is printed: "3, 32, kernel_size=(5, 5)".
  virtual std::string extra_repr() const { return ""; }
  /// As PyTorch prints it, children indented below.
  std::string str() const;

  /// Parameters of this module and of all below it, each once, in the order of registration (its
  /// own before its children's), without those that are computed (layers/parametrizations.h).
  /// Handles: what changes through them changes in the module.
  std::vector<Tensor> parameters() const;
  /// The same with their paths: "model1.0.weight".
  NamedTensors named_parameters() const;
  /// Tensors that belong to the state but are not trained.
  std::vector<Tensor> buffers() const;
  NamedTensors named_buffers() const;
  /// Modules registered here, not those below them.
  std::vector<std::shared_ptr<Module>> children() const;
  const NamedChildren& named_children() const noexcept { return children_; }
  /// This module (path "") and all below it, each once.
  std::vector<std::pair<std::string, Module*>> named_modules();
  std::vector<Module*> modules();

  /// Calls f for every module below this one, children in their order and each before the module
  /// that holds it, and then for this one: model.apply([](Module& module) { … }).
  Module& apply(const std::function<void(Module&)>& f);

  /// Chooses the behaviour of layers that differ in training, here and below.
  Module& train(bool mode = true);
  Module& eval() { return train(false); }
  bool is_training() const noexcept { return training_; }
  /// Whether backward() computes gradients for the parameters, here and below.
  Module& requires_grad_(bool requires_grad = true);
  /// Removes the gradients of all parameters, or fills them with zeros.
  void zero_grad(bool set_to_none = true);

  /// Moves parameters, their gradients and buffers IN PLACE and returns this module. Every handle
  /// follows, so an optimizer made before still updates the right tensors. The layout
  /// (channels-last weights) is kept. On an Error, such as exhausted memory, nothing was moved.
  Module& to(const Device& device);
  /// Converts floating-point parameters, gradients and buffers; integer buffers stay as they are.
  /// Throws Error if `dtype` is not a floating-point type.
  Module& to(DType dtype);
  Module& to(const Device& device, DType dtype);
  Module& cuda() { return to(Device(DeviceType::cuda)); }
  Module& cpu() { return to(Device()); }

  /// Parameters and persistent buffers under PyTorch's names. They share the module's memory:
  /// clone() what is to survive further training.
  StateDict state_dict() const;
  /// Copies a state's values into this module, converting dtype and device. Throws one Error that
  /// lists the missing, unexpected and mis-shaped keys (the first 50 of each, where there are
  /// more), and then has changed nothing. With `strict` false missing and unexpected keys are only
  /// reported in the result.
  LoadResult load_state_dict(const StateDict& state, bool strict = true);

  /// A second module of the same class, with memory of its own: a new object as constructed_from()
  /// says, into which values, gradients and requires_grad of the parameters, buffers, training mode
  /// and children are copied. What was shared, a module under two names or a parameter of two
  /// layers, is shared in the copy. Hooks stay behind, and members that are not registered are as
  /// the constructor leaves them. The default generator is left as it was. Throws Error naming a
  /// class that has no constructor without arguments and no constructed_from(), or that makes other
  /// children than this module has.
  std::shared_ptr<Module> clone() const;
  /// What clone(model) calls, which knows one more class that can be constructed.
  template <class M>
  std::shared_ptr<Module> clone_as() const {
    return clone_with(maker_of<M>());
  }

  /// The module on the heap, with its class remembered: how children are held.
  template <class M>
  static std::shared_ptr<M> hold(M module) {
    auto held = std::make_shared<M>(std::move(module));
    Module& base = *held;
    if (base.maker_.type == nullptr || *base.maker_.type != typeid(M)) base.maker_ = maker_of<M>();
    return held;
  }

 protected:
  Module(Module&&) noexcept = default;
  Module& operator=(Module&&) noexcept = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  /// Takes over `module` under a name of its own. Throws Error for a name that is taken, empty or
  /// contains a dot.
  template <class M>
  M& register_module(std::string name, M module) {
    return register_module(std::move(name), hold(std::move(module)));
  }
  /// The same for a module that is held elsewhere too, or chosen at run time.
  template <class M>
  M& register_module(std::string name, std::shared_ptr<M> module) {
    static_assert(std::is_base_of_v<Module, M>, "only classes derived from Module can be children");
    M* const child = module.get();
    add_child(std::move(name), std::move(module));
    return *child;
  }
  /// Registers a leaf and asks for its gradient. An undefined tensor holds the name for a parameter
  /// that is not there (a layer without bias). The reference stays valid as long as the module
  /// lives, moved or not. Throws Error for such names as above, integer dtypes and results of
  /// operations.
  ///
  ///     Parameter& scale = register_parameter("scale", ones({3}));
  RegisteredParameter register_parameter(std::string name, Tensor value, bool requires_grad = true);
  /// Registers a tensor that moves with the module but is not trained. One that is not `persistent`
  /// stays out of the state_dict.
  Tensor& register_buffer(std::string name, Tensor value, bool persistent = true);

  /// Says how another module like this one is constructed, which clone() wants to know of classes
  /// whose constructor takes arguments; written in the constructor, with those arguments, which are
  /// copied:
  ///
  ///     explicit Block(int64_t width) : width_(width) { constructed_from<Block>(width); }
  template <class M, class... Args>
  void constructed_from(Args... arguments) {
    maker_ = {&typeid(M), [arguments...]() -> std::shared_ptr<Module> {
                return std::make_shared<M>(arguments...);
              }};
  }

  /// forward(inputs...) between the module's hooks, and with_path(). Modules whose forward takes
  /// several tensors write their operator() with it. It gives a tensor, or what tensors_of() knows.
  template <class F, std::same_as<Tensor>... Inputs>
  std::invoke_result_t<const F&, const Inputs&...> call(const F& forward, const Inputs&... inputs) {
    using Result = std::invoke_result_t<const F&, const Inputs&...>;
    return with_path([&]() -> Result {
      if (!has_hooks()) return forward(inputs...);
      Result result;
      call_with_hooks({inputs...}, [&](const std::vector<Tensor>& in) {
        result = [&]<size_t... I>(std::index_sequence<I...>) {
          return forward(in[I]...);
        }
        (std::index_sequence_for<Inputs...>());
        return tensors_of(result);
      });
      return result;
    });
  }
  /// Runs f() and puts this module's name in front of an Error that comes out of it, and of what
  /// anomaly mode and a profiler note.
  template <class F>
  std::invoke_result_t<F> with_path(F&& f) {
    std::optional<AnomalyLabel> label;
    if (is_anomaly_enabled() || profiler::is_listening())
      label.emplace(name_.empty() ? type_name() : name_ + " (" + type_name() + ")");
    try {
      return std::forward<F>(f)();
    } catch (Error& error) {
      error.prepend_module(name_, type_name());
      throw;
    }
  }

 private:
  friend class Parametrizer;  // of layers/parametrizations.cpp

  template <class T>
  struct Slot {
    std::string name;
    T tensor;
    bool persistent = true;
    bool is_computed = false;  // from other parameters: no parameter itself
  };
  template <class T>
  using Slots = std::deque<Slot<T>>;  // references to elements survive growing and moving

  /// Constructs a module of a class.
  struct Maker {
    const std::type_info* type = nullptr;  // nullptr: nobody knows how
    std::function<std::shared_ptr<Module>()> make = {};
  };
  template <class M>
  static Maker maker_of() {
    if constexpr (std::default_initializable<M>)
      return {&typeid(M), []() -> std::shared_ptr<Module> { return std::make_shared<M>(); }};
    else
      return {};
  }
  class Cloning;
  std::shared_ptr<Module> clone_with(const Maker& maker) const;

  void check_name(const char* function, const std::string& name) const;
  void add_child(std::string name, std::shared_ptr<Module> child);
  /// Calls visit(path, module) for this module and all below it, parents first.
  template <class Self, class Visit>
  static void walk(Self& self, const std::string& path, const Visit& visit) {
    visit(path, self);
    for (const auto& [name, child] : self.children_)
      walk(static_cast<Self&>(*child), path.empty() ? name : path + "." + name, visit);
  }
  template <class T>
  NamedTensors collect(Slots<T> Module::*slots) const;
  Module& convert(const Device* device, const DType* dtype);
  /// The tensors that make up the state, by name; those of a shared module under each of its names.
  NamedTensors state_tensors() const;

  std::string name_;  // under which the parent holds this module
  bool training_ = true;
  Maker maker_;  // of this class or, in a class derived from one that has it, of that one
  Slots<Parameter> parameters_;
  Slots<Tensor> buffers_;
  NamedChildren children_;
  std::unordered_set<std::string> names_;  // of all three
};

std::ostream& operator<<(std::ostream& out, const Module& module);

/// A second model, with memory of its own (see Module::clone): TrainModule teacher = clone(model);
template <std::derived_from<Module> M>
M clone(const M& model) {
  return std::move(dynamic_cast<M&>(*model.template clone_as<M>()));
}

}  // namespace cuttle
