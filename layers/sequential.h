// Sequential: modules called one after the other.
#pragma once

#include <concepts>
#include <initializer_list>

#include "child_iterator.h"
#include "module.h"

namespace cuttle {

/// Any module, taken over onto the heap: what the elements of a Sequential are converted to.
class AnyModule {
 public:
  template <class M>
  requires std::derived_from<M, Module> AnyModule(
      M&& module)  // NOLINT: layers stand in the list as they are
      : module_(Module::hold<M>(std::move(module))) {}
  template <class M>
  requires std::derived_from<M, Module> AnyModule(std::shared_ptr<M> module)  // NOLINT
      : module_(std::move(module)) {}

  const std::shared_ptr<Module>& get() const noexcept { return module_; }

 private:
  std::shared_ptr<Module> module_;
};

/// Whether Sequential computes neighbouring layers in one operation where there is one: Conv2d and
/// MaxPool2d(2), with a ReLU between them or behind them, as conv2d_max_pool2d; BatchNorm1d,
/// 2d or 3d and a ReLU as batch_norm_relu. On by default, for the whole process; any thread may
/// change it at any time. Values, gradients, Errors, names and printed form are those of the layers
/// one by one; only classes derived from these layers, and MaxPool2d with other options, always run
/// by themselves.
void set_layer_fusion(bool enable) noexcept;
bool layer_fusion() noexcept;

/// torch.nn.Sequential: each module's output is the next one's input; children are called "0", "1"…
/// Written with braces, because only there C++ promises to construct the elements from left to
/// right, and layers draw their initial weights as they are constructed (a lone Sequential in the
/// braces may be taken over instead of nested; append() always nests):
///
///     Sequential model{Conv2d(3, 32, 5, {.padding = 2}), MaxPool2d(2), Flatten(), Linear(8192,
///     10)};
class Sequential : public Module {
 public:
  Sequential() = default;
  Sequential(std::initializer_list<AnyModule> modules);
  template <std::derived_from<Module> First, class... Others>
  requires(sizeof...(Others) > 0 ||
           !std::same_as<First, Sequential>) explicit Sequential(First, Others...) {
    static_assert(sizeof(First) == 0,
                  "write Sequential{...} with braces: in parentheses C++ constructs the layers in "
                  "any order, and their initial weights would depend on the compiler");
  }

  Tensor forward(const Tensor& input) override;

  /// Adds a module at the end and returns this one.
  Sequential& append(AnyModule module);
  void push_back(AnyModule module) { append(std::move(module)); }

  size_t size() const noexcept { return named_children().size(); }
  ChildIterator begin() const noexcept { return ChildIterator(named_children().begin()); }
  ChildIterator end() const noexcept { return ChildIterator(named_children().end()); }
  /// Throws Error if there are not that many modules.
  Module& operator[](size_t index) const;
  /// The same as its own class: model.at<Conv2d>(0).weight. Throws Error if it is of another class.
  template <class M>
  M& at(size_t index) const {
    Module& module = (*this)[index];
    M* const found = dynamic_cast<M*>(&module);
    if (!found) fail("Sequential::at: module ", index, " is a ", module.type_name());
    return *found;
  }
};

/// What forward does with the layers from `first` to before `last`.
Tensor run_layers(const Module::NamedChildren& layers, size_t first, size_t last,
                  const Tensor& input);

}  // namespace cuttle
