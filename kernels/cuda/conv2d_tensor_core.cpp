// Which convolutions tensor cores take. Those that have no kernels for them are false here.
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

bool conv2d_backward_input_tensor_core(Stream, const Conv2dShape&, const float*, const float*,
                                       float*) {
  return false;
}
bool conv2d_backward_weight_tensor_core(Stream, const Conv2dShape&, const float*, const float*,
                                        float*, float*) {
  return false;
}
bool conv2d_pool_backward_input_tensor_core(Stream, const Conv2dPoolShape&, const float*,
                                            const uint8_t*, const float*, float*) {
  return false;
}
bool conv2d_pool_backward_weight_tensor_core(Stream, const Conv2dPoolShape&, const float*,
                                             const float*, const uint8_t*, float*, float*) {
  return false;
}

}  // namespace cuttle::kernels::cuda
