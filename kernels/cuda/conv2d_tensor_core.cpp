// Whether convolutions may use tensor cores.
#include "conv2d_tensor_core.h"

#include "../cuda_runtime.h"
#include "check.h"

namespace cuttle::kernels::cuda {

bool tensor_cores_allowed(Stream stream) {
  if (!allow_tf32_convolution()) return false;
  int major = 0;
  check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, stream.device),
        "conv2d: the compute capability");
  return major >= 8;
}

}  // namespace cuttle::kernels::cuda
