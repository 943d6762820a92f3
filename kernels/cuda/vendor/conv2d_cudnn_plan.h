// How cuDNN is to compute one convolution pass: its engines for the problem, the deterministic ones
// among them, and execution plans made of those.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "conv2d_cudnn_graph.h"

namespace cuttle::kernels::cuda {

/// The GPU that plans are made for: a handle's, or (cuDNN 9.8 and later) one that is not there and
/// only described, whose plans cannot be executed.
struct CudnnTarget {
  cudnnHandle_t handle = nullptr;
  const CudnnDescriptor* properties = nullptr;
};

/// An engine with its knobs set. `name` tells it from all others for the same problem, and is the
/// same in every process with the same version of cuDNN: "engine 12 (2=4 9=1)".
struct CudnnEngine {
  std::string name;
  CudnnDescriptor config;
};

/// What cuDNN's heuristic names for the graph, best guess first: those engines that give the same
/// bits in every run, need no compilation at run time, and, without `tf32`, round no float32 input.
std::vector<CudnnEngine> convolution_engines(const CudnnTarget& target,
                                             const CudnnDescriptor& graph, bool tf32);

struct ConvolutionPlan {
  std::string name;  // of its engine
  CudnnDescriptor plan;
  size_t workspace_bytes = 0;
};

/// nullopt where the engine refuses the problem after all, or wants more than 256 MiB of workspace.
std::optional<ConvolutionPlan> convolution_plan(const CudnnTarget& target, CudnnEngine engine);

}  // namespace cuttle::kernels::cuda
