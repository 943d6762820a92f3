// A model's operations in the boxes of its modules, for SummaryWriter::add_graph.
#pragma once

#include "../core/autograd/graph_node.h"
#include "module.h"

namespace cuttle {

/// Calls the model with `input` in evaluation mode, and notes what the tape records: operations,
/// the parameters and the input that they take, and the output, each with its shape. Names are
/// paths of modules, as torch.utils.tensorboard writes them:
/// "TrainModule/Sequential[model]/Conv2d[0]/conv2d". An operation that no parameter and no
/// floating-point input leads to is not recorded, and not there. Layers that Sequential would
/// compute in one operation are called one by one. Modes are as before when it returns or throws.
/// Throws Error for an output that requires no gradient, and what the model throws.
GraphNodes module_graph(Module& model, const Tensor& input);

}  // namespace cuttle
