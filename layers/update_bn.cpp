#include "update_bn.h"

namespace cuttle {

RunningStatsRefresh::RunningStatsRefresh(Module& model) {
  for (Module* const module : model.modules()) {
    modes_.emplace_back(module, module->is_training());
    auto* const norm = dynamic_cast<BatchNorm*>(module);
    if (norm == nullptr || !norm->running_mean.defined()) continue;
    momenta_.emplace_back(norm, norm->options().momentum);
    norm->reset_running_stats();
    norm->set_momentum(std::nullopt);
  }
  if (has_layers()) model.train();
}

RunningStatsRefresh::~RunningStatsRefresh() {
  for (const auto& [norm, momentum] : momenta_) norm->set_momentum(momentum);
  // train() reaches the children too, which come later in the list.
  for (const auto& [module, training] : modes_) module->train(training);
}

}  // namespace cuttle
