// Functions of the user's own: a forward, and a backward that the tape calls.
#pragma once

#include <any>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "../class_name.h"
#include "../tensor.h"
#include "grad_mode.h"
#include "record.h"

namespace cuttle {

class JointNode;

/// What forward hands to backward, and tells of its results. One for each call of apply().
class FunctionContext {
 public:
  /// Keeps tensors for the backward: inputs, results, or others. A second call replaces the
  /// first's.
  void save_for_backward(std::vector<Tensor> tensors) { to_save_ = std::move(tensors); }
  /// In backward: the tensors as they were saved, inputs and results with their place on the tape.
  /// Throws Error where one was changed in place since.
  std::vector<Tensor> get_saved_variables() const;
  /// Anything else: ctx->saved_data["alpha"] = 0.5,
  /// std::any_cast<double>(ctx->saved_data["alpha"]). Tensors belong into save_for_backward, which
  /// guards them and cannot make a cycle.
  std::unordered_map<std::string, std::any> saved_data;

  /// In forward: inputs that it wrote to, in place. Each must be among the results.
  void mark_dirty(const std::vector<Tensor>& inputs) { dirty_ = inputs; }
  /// In forward: results that are constants to the tape. (Integers are anyway.)
  void mark_non_differentiable(const std::vector<Tensor>& outputs) { constants_ = outputs; }
  /// Whether backward gets zeros (the default) or undefined tensors for results that nothing
  /// depends on.
  void set_materialize_grads(bool value) { materialize_ = value; }
  /// Whether forward's argument of that number (the context not counted, a vector's tensors one by
  /// one) needs a gradient.
  bool needs_input_grad(size_t argument) const {
    return argument < needed_.size() && needed_[argument];
  }

 private:
  friend class FunctionCall;
  struct Saved {
    SavedTensor tensor;
    int output = -1;  // which result it is
  };
  struct Output {
    Shape shape;
    DType dtype = DType::float32;
    Device device;
    std::weak_ptr<Node> node;  // where there are several
  };

  std::vector<Tensor> to_save_, dirty_, constants_;
  std::vector<Saved> saved_;
  std::vector<Output> outputs_;
  std::weak_ptr<JointNode> joint_;
  NeededInputs needed_;
  bool materialize_ = true;
};

/// The part of Function that does not depend on the class.
class FunctionCall {
 public:
  using Backward = std::vector<Tensor> (*)(FunctionContext*, std::vector<Tensor>);

  /// `inputs`: one entry for each argument, undefined where it is no tensor.
  FunctionCall(std::string_view name, std::vector<Tensor> inputs);

  FunctionContext* context() const noexcept { return context_.get(); }
  /// Records what forward computed and returns the results, with their place on the tape.
  std::vector<Tensor> finish(std::vector<Tensor> outputs, Backward backward,
                             bool once_differentiable);

 private:
  struct Result {
    Tensor own;  // without a history, so that it can get a place on the tape
    bool dirty = false, differentiable = true;
  };

  void check_marks(const std::vector<Tensor>& outputs) const;
  std::vector<Result> own_results(const std::vector<Tensor>& outputs) const;
  void put_results_on_tape(std::vector<Result>& results, Backward backward,
                           bool once_differentiable);
  void save_all(const std::vector<Tensor>& outputs);

  std::string_view name_;
  std::vector<Tensor> inputs_;
  std::shared_ptr<FunctionContext> context_ = std::make_shared<FunctionContext>();
};

/// torch.autograd.Function. forward computes without being recorded, with any means; backward maps
/// the results' gradients to one for each argument of forward (a vector's tensors one by one,
/// undefined for what is no tensor). apply() calls forward:
///
///     struct Cube : Function<Cube> {
///       static Tensor forward(FunctionContext* ctx, const Tensor& x, double factor) {
///         ctx->save_for_backward({x});
///         ctx->saved_data["factor"] = factor;
///         return x * x * x * factor;
///       }
///       static std::vector<Tensor> backward(FunctionContext* ctx, std::vector<Tensor> gradients) {
///         const Tensor x = ctx->get_saved_variables()[0];
///         const double factor = std::any_cast<double>(ctx->saved_data["factor"]);
///         return {gradients[0] * x * x * (3 * factor), Tensor()};
///       }
///     };
///     const Tensor y = Cube::apply(x, 0.5);
///
/// forward returns a Tensor or a std::vector<Tensor>. A backward of recorded operations can be
/// differentiated again; one that calls kernels says so by `static constexpr bool
/// once_differentiable = true;` in the class, and a second derivative is an Error. apply() throws
/// Error where marks do not fit the results, backward() where gradients do not fit the arguments.
template <class Derived>
class Function {
 public:
  template <class... Args>
  static auto apply(Args&&... args) {
    std::vector<Tensor> inputs;
    (collect(inputs, args), ...);
    static const std::string name = class_name(typeid(Derived));
    FunctionCall call(name, std::move(inputs));
    auto result = [&] {
      const NoGradGuard no_grad;
      return Derived::forward(call.context(), std::forward<Args>(args)...);
    }();
    constexpr bool once = requires {
      requires Derived::once_differentiable;
    };
    if constexpr (std::is_same_v<decltype(result), std::vector<Tensor>>)
      return call.finish(std::move(result), &Derived::backward, once);
    else
      return Tensor(call.finish({result}, &Derived::backward, once).front());
  }

 private:
  template <class T>
  static void collect(std::vector<Tensor>& inputs, const T& argument) {
    if constexpr (std::is_convertible_v<const T&, const Tensor&>)
      inputs.push_back(argument);
    else if constexpr (std::is_same_v<T, std::vector<Tensor>>)
      inputs.insert(inputs.end(), argument.begin(), argument.end());
    else if constexpr (std::is_same_v<T, std::optional<Tensor>>)
      inputs.push_back(argument.value_or(Tensor()));
    else
      inputs.emplace_back();
  }
};

}  // namespace cuttle
