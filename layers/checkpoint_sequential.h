// Checkpointing of a chain of layers.
#pragma once

#include "../core/autograd/checkpoint.h"
#include "sequential.h"

namespace cuttle {

/// torch.utils.checkpoint.checkpoint_sequential: model(input) in so many segments of as many
/// layers, of which all but the last are checkpoints: the tape keeps their inputs, and computes the
/// rest again in the backward. Layers that a segment cuts apart are not computed in one operation.
/// The last segment takes the layers that are over. Throws Error for fewer layers than segments,
/// and for no segment.
Tensor checkpoint_sequential(Sequential& model, int64_t segments, const Tensor& input,
                             const CheckpointOptions& options = {});

}  // namespace cuttle
