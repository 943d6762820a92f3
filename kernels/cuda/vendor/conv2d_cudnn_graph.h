// A convolution pass as cuDNN's graph API sees it: tensors, the convolution, and a bias behind it.
#pragma once

#include "../../conv2d.h"
#include "cudnn_descriptor.h"

namespace cuttle::kernels::cuda {

enum class ConvolutionPass { forward, backward_input, backward_weight };

/// By these numbers a plan's execution knows which memory is which tensor. A gradient has the
/// number of what it is the gradient of.
struct TensorIds {
  static constexpr int64_t x = 1, weight = 2, y = 3, bias = 4;
};

/// One pass of convolution. `with_bias` (forward alone): y = conv(x, weight) + bias, the sum before
/// the bias staying inside. All tensors channels last and aligned to 16 bytes.
struct ConvolutionProblem {
  ConvolutionPass pass = ConvolutionPass::forward;
  cudnnDataType_t type = CUDNN_DATA_FLOAT;  // or CUDNN_DATA_DOUBLE; also accumulated in
  Conv2dShape shape;
  bool with_bias = false;
};

/// The problem's operation graph, finalized. `handle` may be nullptr where no plan of it will be
/// executed. Throws Error where cuDNN cannot describe it.
CudnnDescriptor operation_graph(cudnnHandle_t handle, const ConvolutionProblem& problem);

}  // namespace cuttle::kernels::cuda
