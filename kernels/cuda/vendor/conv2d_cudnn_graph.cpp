// Building the operation graph of a convolution pass.
#include "conv2d_cudnn_graph.h"

#include <array>

namespace cuttle::kernels::cuda {

namespace {

/// A channels-last tensor of the logical shape (n, c, h, w).
CudnnDescriptor tensor(cudnnDataType_t type, int64_t id, const std::array<int64_t, 4>& nchw,
                       bool is_virtual = false) {
  const auto& [n, c, h, w] = nchw;
  const std::array<int64_t, 4> strides = {h * w * c, 1, w * c, c};
  CudnnDescriptor descriptor(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  descriptor.set(CUDNN_ATTR_TENSOR_DATA_TYPE, type)
      .set_all(CUDNN_ATTR_TENSOR_DIMENSIONS, std::span<const int64_t>(nchw))
      .set_all(CUDNN_ATTR_TENSOR_STRIDES, std::span<const int64_t>(strides))
      .set(CUDNN_ATTR_TENSOR_UNIQUE_ID, id)
      .set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, int64_t{16})
      .set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, is_virtual)
      .finalize();
  return descriptor;
}

/// The padding behind an input of `size`: as in front where that gives `out` places, else what the
/// last of them needs.
int64_t padding_behind(int64_t size, int64_t kernel, int64_t out, int64_t stride, int64_t padding,
                       int64_t dilation) {
  const int64_t extent = dilation * (kernel - 1) + 1;
  if ((size + 2 * padding - extent) / stride + 1 == out) return padding;
  return (out - 1) * stride + extent - size - padding;
}

CudnnDescriptor convolution(cudnnDataType_t type, const Conv2dShape& s) {
  const std::array<int64_t, 2> dilation = {s.dilation_h, s.dilation_w};
  const std::array<int64_t, 2> stride = {s.stride_h, s.stride_w};
  const std::array<int64_t, 2> padding = {s.padding_h, s.padding_w};
  const std::array<int64_t, 2> behind = {
      padding_behind(s.h, s.kh, s.oh, s.stride_h, s.padding_h, s.dilation_h),
      padding_behind(s.w, s.kw, s.ow, s.stride_w, s.padding_w, s.dilation_w)};
  CudnnDescriptor descriptor(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
  descriptor.set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, type)
      .set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_CROSS_CORRELATION)
      .set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, int64_t{2})
      .set_all(CUDNN_ATTR_CONVOLUTION_DILATIONS, std::span<const int64_t>(dilation))
      .set_all(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, std::span<const int64_t>(stride))
      .set_all(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, std::span<const int64_t>(padding))
      .set_all(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, std::span<const int64_t>(behind))
      .finalize();
  return descriptor;
}

/// cuDNN has three kinds of convolution operation, which name the same attributes differently.
struct OperationNames {
  cudnnBackendDescriptorType_t type;
  cudnnBackendAttributeName_t convolution, alpha, beta, x, weight, y;
};

OperationNames names_of(ConvolutionPass pass) {
  switch (pass) {
    case ConvolutionPass::backward_input:
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY};
    case ConvolutionPass::backward_weight:
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY};
    case ConvolutionPass::forward:
      break;
  }
  return {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA,
          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y};
}

/// y = 1 · convolution + 0 · y, or the pass's gradient.
CudnnDescriptor operation(const ConvolutionProblem& problem, const CudnnDescriptor& x,
                          const CudnnDescriptor& weight, const CudnnDescriptor& y) {
  const OperationNames names = names_of(problem.pass);
  CudnnDescriptor descriptor(names.type);
  descriptor.set(names.convolution, convolution(problem.type, problem.shape))
      .set(names.x, x)
      .set(names.weight, weight)
      .set(names.y, y);
  if (problem.type == CUDNN_DATA_DOUBLE)
    descriptor.set(names.alpha, 1.0).set(names.beta, 0.0);
  else
    descriptor.set(names.alpha, 1.0f).set(names.beta, 0.0f);
  descriptor.finalize();
  return descriptor;
}

/// y = sum + bias.
CudnnDescriptor bias_operation(cudnnDataType_t type, const CudnnDescriptor& sum,
                               const CudnnDescriptor& bias, const CudnnDescriptor& y) {
  CudnnDescriptor add(CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
  add.set(CUDNN_ATTR_POINTWISE_MODE, CUDNN_POINTWISE_ADD)
      .set(CUDNN_ATTR_POINTWISE_MATH_PREC, type)
      .finalize();
  CudnnDescriptor descriptor(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
  descriptor.set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, add)
      .set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, sum)
      .set(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, bias)
      .set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y)
      .finalize();
  return descriptor;
}

}  // namespace

CudnnDescriptor operation_graph(cudnnHandle_t handle, const ConvolutionProblem& problem) {
  const Conv2dShape& s = problem.shape;
  const cudnnDataType_t type = problem.type;
  const CudnnDescriptor x = tensor(type, TensorIds::x, {s.n, s.c, s.h, s.w});
  const CudnnDescriptor weight = tensor(type, TensorIds::weight, {s.o, s.c / s.groups, s.kh, s.kw});
  const CudnnDescriptor y = tensor(type, TensorIds::y, {s.n, s.o, s.oh, s.ow});
  std::vector<CudnnDescriptor> operations;
  if (problem.with_bias) {
    const CudnnDescriptor sum =
        tensor(type, TensorIds::bias + 1, {s.n, s.o, s.oh, s.ow}, /*is_virtual=*/true);
    operations.push_back(operation(problem, x, weight, sum));
    operations.push_back(
        bias_operation(type, sum, tensor(type, TensorIds::bias, {1, s.o, 1, 1}), y));
  } else {
    operations.push_back(operation(problem, x, weight, y));
  }
  CudnnDescriptor graph(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
  if (handle != nullptr) graph.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, handle);
  graph.set_all(CUDNN_ATTR_OPERATIONGRAPH_OPS, std::span<const CudnnDescriptor>(operations))
      .finalize();
  return graph;
}

}  // namespace cuttle::kernels::cuda
