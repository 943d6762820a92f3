// AveragedModel: averages parameter by parameter, without waiting for a device.
#include "averaged_model.h"

#include "../core/autograd/grad_mode.h"
#include "../core/creation.h"
#include "../core/ops/arithmetic.h"

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

}  // namespace

AvgFn get_swa_avg_fn() {
  return [](Tensor& averaged, const Tensor& parameter, const Tensor& num_averaged) {
    averaged.lerp_(parameter, (num_averaged + 1).to(averaged.dtype()).reciprocal());
  };
}

AvgFn get_ema_avg_fn(double decay) {
  if (!(decay >= 0 && decay <= 1)) fail("get_ema_avg_fn: decay must be from 0 to 1, got ", decay);
  return [decay](Tensor& averaged, const Tensor& parameter, const Tensor& num_averaged) {
    const Tensor is_first = (num_averaged == 0).to(averaged.dtype());
    averaged.lerp_(parameter, is_first * decay + (1 - decay));
  };
}

AveragedModel::AveragedModel(std::shared_ptr<Module> twin, const Module& model,
                             AveragedModelOptions options)
    : module(register_module("module", std::move(twin))),
      n_averaged(register_buffer("n_averaged", zeros({}, {.dtype = int64}))),
      options_(std::move(options)) {
  if (!options_.avg_fn) fail("AveragedModel: avg_fn is an empty function");
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
  const auto average = [&](const Tensor& to, const Tensor& from) {
    Tensor averaged = to.detach();
    options_.avg_fn(averaged, from.detach().to(to.device(), to.dtype()),
                    n_averaged.to(to.device()));
  };
  for (size_t i = 0; i < averages.size(); ++i) average(averages[i].second, values[i].second);
  for (size_t i = 0; i < buffers.size(); ++i) {
    Tensor to = average_buffers[i].second;
    if (options_.use_buffers && is_floating_point(to.dtype()))
      average(to, buffers[i].second);
    else
      to.copy_(buffers[i].second);
  }
  n_averaged.add_(1);
}

}  // namespace cuttle
