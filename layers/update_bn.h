// update_bn: running statistics of BatchNorm layers for weights that no batch was trained with.
#pragma once

#include <concepts>
#include <optional>
#include <utility>
#include <vector>

#include "../core/autograd/grad_mode.h"
#include "normalization/batch_norm.h"

namespace cuttle {

/// While it lives, a model trains, records nothing, and its BatchNorm layers average over all
/// batches that come, beginning anew. When it goes, momenta and the modes of all modules are as
/// they were.
class RunningStatsRefresh {
 public:
  explicit RunningStatsRefresh(Module& model);
  ~RunningStatsRefresh();
  RunningStatsRefresh(const RunningStatsRefresh&) = delete;
  RunningStatsRefresh& operator=(const RunningStatsRefresh&) = delete;

  /// False where the model has no BatchNorm with running statistics.
  bool has_layers() const noexcept { return !momenta_.empty(); }

 private:
  NoGradGuard no_grad_;
  std::vector<std::pair<BatchNorm*, std::optional<double>>> momenta_;
  std::vector<std::pair<Module*, bool>> modes_;
};

/// The input in a batch: the batch itself, or its first element, as in `auto [images, targets]`.
template <class Batch>
Tensor input_of(const Batch& batch) {
  if constexpr (std::convertible_to<const Batch&, const Tensor&>)
    return batch;
  else
    return get<0>(batch);
}

/// torch.optim.swa_utils.update_bn: one pass over `loader`, whose batches go through the model, on
/// `device` where it is given, sets running_mean and running_var of its BatchNorm layers to the
/// averages of the batches' (all batches count alike). An AveragedModel needs it before it is
/// evaluated: its buffers are the trained model's.
///
///     update_bn(train_loader, average, device);
template <class Loader>
void update_bn(Loader&& loader, Module& model, const std::optional<Device>& device = std::nullopt) {
  const RunningStatsRefresh refresh(model);
  if (!refresh.has_layers()) return;
  for (const auto& batch : loader) {
    const Tensor input = input_of(batch);
    (void)model(device ? input.to(*device) : input);
  }
}

}  // namespace cuttle
