// AveragedModel: averages all parameters of a device and dtype at once, without waiting for a
// device.
#include "averaged_model.h"

#include <algorithm>
#include <utility>

#include "../core/autograd/grad_mode.h"
#include "../core/creation.h"
#include "../core/ops/arithmetic.h"
#include "../core/ops/foreach.h"

namespace cuttle {
namespace {

using NamedTensors = Module::NamedTensors;

/// Throws Error unless both have the same names and shapes.
void check_alike(const NamedTensors& averages, const NamedTensors& values, const char* what) {
  if (averages.size() != values.size())
    fail("AveragedModel: the model has ", values.size(), " ", what, ", the averages have ",
         averages.size(), "; both have to be models of one kind");
  for (size_t i = 0; i < averages.size(); ++i) {
    const auto& [name, average] = averages[i];
    if (name != values[i].first || average.shape() != values[i].second.shape())
      fail("AveragedModel: the model has \"", values[i].first, "\" ", values[i].second.shape(),
           " where the averages have \"", name, "\" ", average.shape(),
           "; both have to be models of one kind");
  }
}

// How far an average of `dtype` goes towards the next value.
Tensor equal_weight(const Tensor& num_averaged, DType dtype) {
  return (num_averaged + 1).to(dtype).reciprocal();
}
Tensor exponential_weight(const Tensor& num_averaged, DType dtype, double decay) {
  return (num_averaged == 0).to(dtype) * decay + (1 - decay);
}

void check_decay(const char* function, double decay) {
  if (!(decay >= 0 && decay <= 1)) fail(function, ": decay must be from 0 to 1, got ", decay);
}

// A function of single parameters for many.
MultiAvgFn one_by_one(AvgFn avg_fn) {
  return [avg_fn = std::move(avg_fn)](const std::vector<Tensor>& averaged,
                                      const std::vector<Tensor>& parameters,
                                      const Tensor& num_averaged) {
    for (size_t i = 0; i < averaged.size(); ++i) {
      Tensor each = averaged[i];
      avg_fn(each, parameters[i], num_averaged);
    }
  };
}

// Averages and the values to be averaged in, of one device and dtype.
struct Pairs {
  std::vector<Tensor> averages, values;
};

void add(std::vector<Pairs>& all, const Tensor& average, const Tensor& value) {
  const Tensor to = average.detach(), from = value.detach().to(to.device(), to.dtype());
  const auto place = std::ranges::find_if(all, [&](const Pairs& pairs) {
    return pairs.averages[0].device() == to.device() && pairs.averages[0].dtype() == to.dtype();
  });
  Pairs& pairs = place == all.end() ? all.emplace_back() : *place;
  pairs.averages.push_back(to);
  pairs.values.push_back(from);
}

}  // namespace

AvgFn get_swa_avg_fn() {
  return [](Tensor& averaged, const Tensor& parameter, const Tensor& num_averaged) {
    averaged.lerp_(parameter, equal_weight(num_averaged, averaged.dtype()));
  };
}

AvgFn get_ema_avg_fn(double decay) {
  check_decay("get_ema_avg_fn", decay);
  return [decay](Tensor& averaged, const Tensor& parameter, const Tensor& num_averaged) {
    averaged.lerp_(parameter, exponential_weight(num_averaged, averaged.dtype(), decay));
  };
}

MultiAvgFn get_swa_multi_avg_fn() {
  return [](const std::vector<Tensor>& averaged, const std::vector<Tensor>& parameters,
            const Tensor& num_averaged) {
    foreach_lerp_(averaged, parameters, equal_weight(num_averaged, averaged[0].dtype()));
  };
}

MultiAvgFn get_ema_multi_avg_fn(double decay) {
  check_decay("get_ema_multi_avg_fn", decay);
  return [decay](const std::vector<Tensor>& averaged, const std::vector<Tensor>& parameters,
                 const Tensor& num_averaged) {
    foreach_lerp_(averaged, parameters,
                  exponential_weight(num_averaged, averaged[0].dtype(), decay));
  };
}

AveragedModel::AveragedModel(std::shared_ptr<Module> twin, const Module& model,
                             AveragedModelOptions options)
    : module(register_module("module", std::move(twin))),
      n_averaged(register_buffer("n_averaged", zeros({}, {.dtype = int64}))),
      options_(std::move(options)) {
  if (options_.avg_fn && options_.multi_avg_fn)
    fail("AveragedModel: expected avg_fn or multi_avg_fn, got both");
  if (options_.avg_fn) options_.multi_avg_fn = one_by_one(options_.avg_fn);
  if (!options_.multi_avg_fn) options_.multi_avg_fn = get_swa_multi_avg_fn();
  if (&module == &model)
    fail("AveragedModel: the averages need a model of their own, got the one that is trained");
  module.load_state_dict(model.state_dict());
}

void AveragedModel::update_parameters(const Module& model) {
  const NoGradGuard no_grad;
  const NamedTensors averages = module.named_parameters(), values = model.named_parameters();
  const NamedTensors average_buffers = module.named_buffers(), buffers = model.named_buffers();
  check_alike(averages, values, "parameters");
  check_alike(average_buffers, buffers, "buffers");
  std::vector<Pairs> all;
  for (size_t i = 0; i < averages.size(); ++i) add(all, averages[i].second, values[i].second);
  for (size_t i = 0; i < buffers.size(); ++i) {
    Tensor to = average_buffers[i].second;
    if (options_.use_buffers && is_floating_point(to.dtype()))
      add(all, to, buffers[i].second);
    else
      to.copy_(buffers[i].second);
  }
  for (const Pairs& pairs : all)
    options_.multi_avg_fn(pairs.averages, pairs.values, n_averaged.to(pairs.averages[0].device()));
  n_averaged.add_(1);
}

}  // namespace cuttle
