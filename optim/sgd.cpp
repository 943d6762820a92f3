// SGD: checks options, gathers what has a gradient by device and dtype, and launches one update
// each.
#include "sgd.h"

#include <algorithm>

#include "../core/autograd/grad_mode.h"
#include "../core/creation.h"
#include "../core/dispatch.h"
#include "../core/tensor_impl.h"

namespace cuttle {
namespace {

constexpr size_t kMomentumBuffer = 0;

void check(const SGDOptions& options) {
  const auto not_negative = [](const char* name, double value) {
    if (!(value >= 0)) fail("SGD: ", name, " must be 0 or more, got ", value);
  };
  not_negative("lr", options.lr);
  not_negative("momentum", options.momentum);
  not_negative("weight_decay", options.weight_decay);
  if (options.nesterov && (options.momentum <= 0 || options.dampening != 0))
    fail("SGD: nesterov needs a momentum above 0 and a dampening of 0, got momentum ",
         options.momentum, " and dampening ", options.dampening);
}

/// Calls f(name, field) for each option; `options` may be const.
template <class O, class F>
void for_each_option(O& options, const F& f) {
  f("lr", options.lr);
  f("momentum", options.momentum);
  f("dampening", options.dampening);
  f("weight_decay", options.weight_decay);
  f("nesterov", options.nesterov);
  f("maximize", options.maximize);
}

}  // namespace

SGD::SGD(const std::vector<Tensor>& params, const SGDOptions& options)
    : SGD(std::vector<ParamGroup>{{params, options}}) {}

SGD::SGD(const std::vector<ParamGroup>& groups) : Optimizer("SGD", {"momentum_buffer"}) {
  for (const ParamGroup& group : groups) add_param_group(group);
  check_not_empty();
}

void SGD::add_param_group(const ParamGroup& group) {
  check(group.options);
  add_group(group.params);
  options_.push_back(group.options);
}

SGDOptions& SGD::options(size_t group) {
  check_group(group);
  return options_[group];
}

const SGDOptions& SGD::options(size_t group) const {
  check_group(group);
  return options_[group];
}

void SGD::set_lr(double lr, size_t group) {
  SGDOptions changed = options(group);
  changed.lr = lr;
  check(changed);
  options(group) = changed;
}

Optimizer::Options SGD::group_options(size_t group) const {
  Options named;
  for_each_option(options(group), [&](const char* name, auto value) {
    named.emplace_back(name, static_cast<double>(value));
  });
  return named;
}

void SGD::set_group_options(size_t group, const Options& named, bool check_only) {
  SGDOptions changed;
  auto next = named.begin();  // in the order in which group_options gave them
  for_each_option(
      changed, [&]<class T>(const char*, T& field) { field = static_cast<T>((next++)->second); });
  check(changed);
  if (!check_only) options(group) = changed;
}

/// One parameter's part of a step: three dense tensors whose elements lie in the same order.
struct SGD::Update {
  size_t index = 0;
  Tensor value = {};  // the parameter, or a dense copy of one that has gaps
  Tensor gradient = {};
  Tensor momentum_buffer = {};  // undefined without momentum
  bool first_step = false;
};

SGD::Update SGD::prepare(size_t index, const SGDOptions& options) {
  const Tensor& param = parameter(index);
  const Tensor gradient = param.grad();
  if (gradient.shape() != param.shape() || gradient.dtype() != param.dtype() ||
      gradient.device() != param.device())
    fail("SGD: the gradient of parameter ", index, " is ", gradient.dtype(), " ", gradient.shape(),
         " on ", gradient.device(), ", the parameter ", param.dtype(), " ", param.shape(), " on ",
         param.device(), "; call zero_grad() after the change and backward() again");
  Update update{.index = index};
  update.value =
      is_dense_in_some_order(param.shape(), param.strides()) ? param : param.contiguous();
  update.gradient = match_layout(gradient.detach(), update.value);
  if (options.momentum == 0) return update;
  const Tensor& kept = state(kMomentumBuffer, index);
  update.first_step = !kept.defined();
  update.momentum_buffer =
      update.first_step ? empty_like(update.value) : match_layout(kept, update.value);
  return update;
}

namespace {

template <class Update>
void launch(const SGDOptions& options, const std::vector<Update>& updates) {
  const Tensor& first = updates.front().value;
  dispatch_floating("SGD", first.dtype(), [&]<class T>() {
    std::vector<kernels::SgdParameter<T>> parameters;
    parameters.reserve(updates.size());
    for (const Update& update : updates) {
      const Tensor& buffer = update.momentum_buffer;
      parameters.push_back(
          {.value = update.value.template data<T>(),
           .gradient = update.gradient.template data<T>(),
           .momentum_buffer = buffer.defined() ? buffer.template data<T>() : nullptr,
           .numel = update.value.numel(),
           .first_step = update.first_step});
    }
    on_device(first.device(), [&](auto stream) {
      kernels::sgd_step<T>(stream, options, std::span<const kernels::SgdParameter<T>>(parameters));
    });
  });
}

}  // namespace

void SGD::step() {
  const NoGradGuard no_grad;
  for (const SGDOptions& options : options_) check(options);
  for (size_t group = 0; group < group_count(); ++group) {
    std::vector<std::vector<Update>> launches;  // each of one device and dtype
    for (size_t index = group_begin(group); index < group_end(group); ++index) {
      if (!parameter(index).grad().defined()) continue;
      Update update = prepare(index, options_[group]);
      const auto same_kind = [&](const std::vector<Update>& updates) {
        return updates.front().value.device() == update.value.device() &&
               updates.front().value.dtype() == update.value.dtype();
      };
      auto place = std::find_if(launches.begin(), launches.end(), same_kind);
      if (place == launches.end()) place = launches.emplace(launches.end());
      place->push_back(std::move(update));
    }
    for (const std::vector<Update>& updates : launches) {
      launch(options_[group], updates);
      for (const Update& update : updates) {
        Tensor& param = parameter(update.index);
        if (update.momentum_buffer.defined())
          state(kMomentumBuffer, update.index) = update.momentum_buffer;
        if (!update.value.is_same(param)) param.copy_(update.value);
        param.impl().storage->bump_version();
      }
    }
  }
}

}  // namespace cuttle
