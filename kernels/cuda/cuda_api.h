// The CUDA runtime's host functions for plain C++ files: NVIDIA's own, or, in the build
// CUTTLE_GPU=simt, those of the interpreter.
#pragma once

#if defined(CUTTLE_VENDOR_LIBRARIES) || defined(__CUDACC__)
#include <cuda_runtime_api.h>
#else
#include "../simt/language/runtime_headers.h"
#endif
