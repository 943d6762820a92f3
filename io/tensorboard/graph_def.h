// A graph as TensorFlow's GraphDef, for TensorBoard's graph page.
#pragma once

#include "../../core/autograd/graph_node.h"
#include "protobuf.h"

namespace cuttle::tensorboard {

/// Throws Error for names and attributes that are not UTF-8.
Message graph_def(const GraphNodes& nodes);

}  // namespace cuttle::tensorboard
