// The words CUDA adds to C++ in front of functions and variables, for a plain C++ compiler. A
// kernel becomes an ordinary function, a device function too, and a device variable a global.
#pragma once

#if defined(__CUDACC__)
#error "kernels/simt is the interpreter's side; nvcc has the words of CUDA built in"
#endif

#undef __global__
#undef __device__
#undef __host__
#undef __constant__
#undef __forceinline__
#undef __launch_bounds__
#undef __align__
#undef __shared__

// Kernels are never inlined: a debugger can then stop at one, and reports can name it.
#define __global__ __attribute__((noinline))
#define __device__
#define __host__
#define __constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))

// A bare __shared__ cannot work here: each array needs a fresh, filled and fenced copy per block.
#define __shared__ use_the_macro_CUTTLE_SHARED_in_place_of_a_bare_shared

/// Unrolls the loop that follows.
#if defined(__clang__)
#define CUTTLE_UNROLL _Pragma("unroll")
#else
#define CUTTLE_UNROLL _Pragma("GCC unroll 16")
#endif
