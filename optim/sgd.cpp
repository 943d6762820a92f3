// SGD: checks options and gathers what has a gradient by device and dtype, a launch each.
#include "sgd.h"

#include <algorithm>

#include "../core/autograd/grad_mode.h"
#include "../core/creation.h"
#include "../core/cuda_graph.h"
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
  groups_.push_back({.options = std::make_shared<SGDOptions>(group.options)});
}

SGDOptions& SGD::options(size_t group) {
  check_group(group);
  return *groups_[group].options;
}

const SGDOptions& SGD::options(size_t group) const {
  check_group(group);
  return *groups_[group].options;
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

SgdUpdate SGD::prepare(size_t index, const SGDOptions& options) {
  const Tensor& param = parameter(index);
  const Tensor gradient = param.grad();
  if (gradient.shape() != param.shape() || gradient.dtype() != param.dtype() ||
      gradient.device() != param.device())
    fail("SGD: the gradient of parameter ", index, " is ", gradient.dtype(), " ", gradient.shape(),
         " on ", gradient.device(), ", the parameter ", param.dtype(), " ", param.shape(), " on ",
         param.device(), "; call zero_grad() after the change and backward() again");
  SgdUpdate update{.index = index, .parameter = param, .memory = param.raw_data()};
  update.value =
      is_dense_in_some_order(param.shape(), param.strides()) ? param : param.contiguous();
  update.gradient = match_layout(gradient, update.value);
  if (options.momentum == 0) return update;
  update.momentum_buffer = buffer_for(index, update.value);
  return update;
}

Tensor SGD::buffer_for(size_t index, const Tensor& value) {
  const auto fits = [&](const Tensor& buffer) {
    return buffer.defined() && is_laid_out_like(buffer, value);
  };
  const Tensor& kept = (*states(kMomentumBuffer))[index];
  if (fits(kept)) return kept;
  if (!cuda::is_capturing()) return empty_like(value);
  const cuda::OrdinaryMemoryGuard guard;  // it lives from replay to replay
  captured_buffers_.resize(std::max(captured_buffers_.size(), index + 1));
  Tensor& captured = captured_buffers_[index];
  if (!fits(captured)) captured = empty_like(value);
  return captured;
}

void SGD::gather(size_t group, std::vector<SgdLaunch>& launches) {
  for (size_t index = group_begin(group); index < group_end(group); ++index) {
    if (!parameter(index).grad().defined()) continue;
    SgdUpdate update = prepare(index, *groups_[group].options);
    const auto takes = [&](const SgdLaunch& launch) { return launch.takes(update.value); };
    auto launch = std::find_if(launches.begin(), launches.end(), takes);
    if (launch == launches.end())
      launch = launches.emplace(launches.end(), update.value.device(), update.value.dtype());
    launch->add(std::move(update));
  }
}

void SGD::step() {
  const NoGradGuard no_grad;
  for (const Group& group : groups_) check(*group.options);
  for (size_t g = 0; g < group_count(); ++g) {
    if (cuda::is_capturing()) {
      capture(g);
      continue;
    }
    Group& group = groups_[g];
    for (SgdLaunch& launch : group.launches) launch.clear();  // a step that threw left some
    gather(g, group.launches);
    for (SgdLaunch& launch : group.launches) {
      if (launch.updates().empty()) continue;
      launch.prepare(*group.options, *states(kMomentumBuffer));
      launch.run();
      launch.clear();
    }
  }
}

void SGD::capture(size_t group) {
  std::vector<SgdLaunch> launches;
  gather(group, launches);
  for (SgdLaunch& each : launches) {
    const Device device = each.updates().front().value.device();
    if (device.is_cpu())
      fail("SGD: the step of parameters on the CPU cannot be captured into a CUDA graph, for the ",
           "host computes it; leave them to an optimizer of their own");
    each.run();
    cuda::before_replay([launch = std::make_shared<SgdLaunch>(std::move(each)),
                         options = groups_[group].options, kept = states(kMomentumBuffer)] {
      const NoGradGuard no_grad;
      check(*options);
      launch->prepare(*options, *kept);
    });
  }
}

}  // namespace cuttle
