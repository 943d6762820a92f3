#include "composition.h"

#include "backward.h"

namespace cuttle {

std::vector<Tensor> gradients_of_composition(const Composition& composition,
                                             const std::vector<Tensor>& inputs,
                                             const std::vector<Tensor>& gradients,
                                             const NeededInputs& needed) {
  // Views of the inputs: replaying stops there, and does not go on to an input that another one
  // was computed from.
  std::vector<Tensor> views = inputs, wanted;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!needed[i]) continue;
    views[i] = inputs[i].view_as(inputs[i]);
    wanted.push_back(views[i]);
  }
  const std::vector<Tensor> results = composition(views);
  std::vector<Tensor> roots, arrived;
  for (size_t i = 0; i < results.size(); ++i) {
    if (!gradients[i].defined() || !results[i].requires_grad()) continue;
    roots.push_back(results[i]);
    arrived.push_back(gradients[i]);
  }
  const std::vector<Tensor> found =
      grad(roots, wanted, arrived, {.create_graph = true, .allow_unused = true});
  std::vector<Tensor> all(inputs.size());
  for (size_t i = 0, next = 0; i < inputs.size(); ++i)
    if (needed[i]) all[i] = found[next++];
  return all;
}

}  // namespace cuttle
