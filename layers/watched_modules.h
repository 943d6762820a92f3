// A model while functions of the library look on: summary and module_graph.
#pragma once

#include <utility>
#include <vector>

#include "module.h"

namespace cuttle {

/// Puts a model into evaluation mode. When it goes, the modes of all modules are as they were, and
/// the hooks are taken off, whatever happened.
class Watched {
 public:
  explicit Watched(Module& model) {
    for (Module* module : model.modules()) modes_.emplace_back(module, module->is_training());
    model.eval();
  }
  ~Watched() {
    for (RemovableHandle& handle : handles) handle.remove();
    // train() reaches the children too, which come later in the list.
    for (const auto& [module, training] : modes_) module->train(training);
  }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

  std::vector<RemovableHandle> handles;

 private:
  std::vector<std::pair<Module*, bool>> modes_;
};

}  // namespace cuttle
