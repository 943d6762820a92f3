// How cuDNN is to compute one convolution pass: descriptors and a deterministic algorithm, chosen
// once for each shape and kept.
#pragma once

#include "../conv2d.h"
#include "cudnn_handle.h"

namespace cuttle::kernels::cuda {

enum class ConvolutionPass { forward, backward_input, backward_weight };

struct ConvolutionPlan {
  bool supported = false;  // false: cuDNN has no deterministic algorithm for this
  TensorDescriptor x, y;   // or dx, dy
  FilterDescriptor weight;
  TensorDescriptor bias;  // (1, 1, 1, O)
  ConvolutionDescriptor convolution;
  ActivationDescriptor identity;
  int algorithm = 0;  // of the pass's own enumeration
  size_t workspace_bytes = 0;
};

/// The plan for this pass, element type, device, TF32 setting and benchmark(). cuDNN's heuristic
/// decides, which gives the same algorithm in every process; with benchmark() the first call for a
/// shape tries the algorithms on the device (and waits for it), except while the stream is captured
/// into a graph. Plans stay valid for ever.
const ConvolutionPlan& convolution_plan(cudnnHandle_t handle, Stream stream, ConvolutionPass pass,
                                        cudnnDataType_t type, const Conv2dShape& shape);

}  // namespace cuttle::kernels::cuda
