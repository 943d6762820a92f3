// The one header a kernel file includes for CUDA: the language, this project's macros for shared
// memory and unrolling, and the checked launch. The same file compiles with nvcc and, in the build
// CUTTLE_GPU=simt, with a plain C++ compiler that runs the kernel on the CPU (kernels/simt).
#pragma once

#if defined(__CUDACC__)

#include <cooperative_groups.h>
#include <cuda_runtime.h>

/// A static array in shared memory: CUTTLE_SHARED(float, tile, [32][33]);
#define CUTTLE_SHARED(T, name, ...) __shared__ __align__(16) T name __VA_ARGS__
/// The block's dynamic shared memory, seen as an array of T: CUTTLE_DYNAMIC_SHARED(float, row);
#define CUTTLE_DYNAMIC_SHARED(T, name)                                   \
  extern __shared__ __align__(16) unsigned char cuttle_dynamic_shared[]; \
  T* const name = reinterpret_cast<T*>(cuttle_dynamic_shared)
/// Unrolls the loop that follows.
#define CUTTLE_UNROLL _Pragma("unroll")

#else

#include "../simt/device.h"

#endif

#include "launch.h"

namespace cuttle::kernels::cuda {

/// a · b + c for the inner loops of products, where speed counts for more than bits. nvcc is told
/// to fuse nothing by itself (kernels/CMakeLists.txt), so this is where it does: one instruction,
/// one rounding. The interpreter rounds twice, since a CPU may lack the instruction and a call in
/// its place would take ten times as long.
template <class T>
__device__ inline T multiply_add(T a, T b, T c) {
#if defined(__CUDACC__)
  return fma(a, b, c);
#else
  return a * b + c;
#endif
}

}  // namespace cuttle::kernels::cuda
