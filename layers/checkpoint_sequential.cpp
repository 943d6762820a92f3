#include "checkpoint_sequential.h"

namespace cuttle {

Tensor checkpoint_sequential(Sequential& model, int64_t segments, const Tensor& input,
                             const CheckpointOptions& options) {
  const auto count = static_cast<int64_t>(model.size());
  if (segments < 1 || segments > count)
    fail("checkpoint_sequential: ", count, " layers cannot be cut into ", segments, " segments");
  const auto length = static_cast<size_t>(count / segments);
  Tensor output = input;
  size_t first = 0;
  for (int64_t segment = 1; segment < segments; ++segment, first += length)
    output = checkpoint(
        options,
        [layers = model.named_children(), first, length](const Tensor& x) {
          return run_layers(layers, first, first + length, x);
        },
        output);
  return run_layers(model.named_children(), first, model.size(), output);
}

}  // namespace cuttle
