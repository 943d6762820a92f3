// AveragedModel: the running average of a model's weights, equal (SWA) or exponential (EMA).
#pragma once

#include <functional>
#include <vector>

#include "module.h"

namespace cuttle {

/// Brings an averaged parameter (to be written) up to date with the model's, laid out alike.
/// `num_averaged`, int64 without dimensions, says how many were averaged before, on the parameter's
/// device: what computes from it waits for nothing, and a captured step follows it.
using AvgFn =
    std::function<void(Tensor& averaged, const Tensor& parameter, const Tensor& num_averaged)>;

/// The same of many parameters of one device and dtype, in one pass.
using MultiAvgFn =
    std::function<void(const std::vector<Tensor>& averaged, const std::vector<Tensor>& parameters,
                       const Tensor& num_averaged)>;

/// The equal average: averaged + (parameter − averaged) / (num_averaged + 1), Izmailov et al. 2018,
/// "Averaging Weights Leads to Wider Optima and Better Generalization".
AvgFn get_swa_avg_fn();
/// The exponential one: decay · averaged + (1 − decay) · parameter; the first update copies. Throws
/// Error for a decay that is not from 0 to 1.
AvgFn get_ema_avg_fn(double decay = 0.999);
/// The same with the same bits, in one kernel for all parameters (foreach_lerp_).
MultiAvgFn get_swa_multi_avg_fn();
MultiAvgFn get_ema_multi_avg_fn(double decay = 0.999);

struct AveragedModelOptions {
  AvgFn avg_fn = nullptr;  // one of these two; neither: the equal average
  MultiAvgFn multi_avg_fn = nullptr;
  bool use_buffers = false;  // average floating-point buffers, too; others are copied
};

/// torch.optim.swa_utils.AveragedModel. Modules cannot be copied, so it takes over a second model
/// of the same kind, and gives it the values of the one that is trained:
///
///     TrainModule model;
///     AveragedModel average(TrainModule(), model, {.multi_avg_fn = get_ema_multi_avg_fn(0.999)});
///     … optimizer.step();
///     average.update_parameters(model);
///
/// It is a module: calling it computes with the averages, which may be on another device or of
/// another dtype than the model. Its state has "n_averaged" and "module.…".
class AveragedModel : public Module {
 public:
  /// Throws Error if `twin` and `model` do not have the same state, and for two functions.
  template <class M>
  requires std::is_base_of_v<Module, M> AveragedModel(M twin, const Module& model,
                                                      AveragedModelOptions options = {})
      : AveragedModel(std::make_shared<M>(std::move(twin)), model, std::move(options)) {}
  AveragedModel(std::shared_ptr<Module> twin, const Module& model,
                AveragedModelOptions options = {});

  Tensor forward(const Tensor& input) override { return module(input); }
  /// Averages the model's parameters in. Throws Error for another kind of model.
  void update_parameters(const Module& model);

  Module& module;
  Tensor& n_averaged;  // int64, no dimensions

 private:
  AveragedModelOptions options_;
};

}  // namespace cuttle
