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

/// Waits until the kernel ahead in the stream has ended and its writes are seen. Every thread of
/// every kernel calls it, before it touches global memory (reads too: the kernel ahead may be the
/// one that writes there) and before it returns; what comes earlier, index arithmetic and shared
/// memory, overlaps with the kernel ahead where that one leaves room. Free where the launch does
/// not overlap. That all kernels wait is what makes a row of three safe: the third one starts once
/// each block of the second has ended or let it in, and its own wait is for the second alone; but
/// that one cannot have ended before its wait for the first.
__device__ inline void wait_for_predecessor() {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900
  cudaGridDependencySynchronize();
#endif
}

/// Lets the next kernel's blocks in, once every block of this one has called it or ended: that one
/// then waits on the multiprocessors, next to this one's blocks. It promises nothing about memory,
/// so it may stand anywhere after wait_for_predecessor(); as late as there is work left to hide a
/// start behind, since waiting blocks take room. Without it, ending lets in.
__device__ inline void allow_successor() {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900
  cudaTriggerProgrammaticLaunchCompletion();
#endif
}

}  // namespace cuttle::kernels::cuda
