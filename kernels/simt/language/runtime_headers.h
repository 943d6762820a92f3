// Types and functions of the CUDA runtime: NVIDIA's own headers where the build asks for them
// (CUTTLE_SIMT_NVIDIA_HEADERS, exact types, needs a toolkit), else this project's (needs nothing).
// What both lack for a plain C++ compiler is added here.
#pragma once

#include "qualifiers.h"

#if defined(CUTTLE_SIMT_NVIDIA_HEADERS)
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#undef __launch_bounds__
#define __launch_bounds__(...)
#else
#include "float16.h"
#include "runtime_api.h"
#endif

#include <type_traits>

/// A function that is a kernel, whatever its parameters.
template <class... Parameters>
cudaError_t cudaFuncSetAttribute(void (*kernel)(Parameters...), cudaFuncAttribute attribute,
                                 int value) {
  return ::cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel), attribute, value);
}
template <class... Parameters>
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, void (*kernel)(Parameters...)) {
  return ::cudaFuncGetAttributes(attributes, reinterpret_cast<const void*>(kernel));
}
template <class... Parameters>
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks,
                                                          void (*kernel)(Parameters...),
                                                          int block_size, size_t dynamic_shared) {
  return ::cudaOccupancyMaxActiveBlocksPerMultiprocessor(
      blocks, reinterpret_cast<const void*>(kernel), block_size, dynamic_shared);
}

/// Copies to and from a __device__ or __constant__ variable named directly. What reaches beyond it
/// is refused with cudaErrorInvalidValue.
template <class T>
requires(!std::is_pointer_v<T>) cudaError_t
    cudaMemcpyToSymbol(const T& symbol, const void* from, size_t bytes, size_t offset = 0,
                       cudaMemcpyKind kind = cudaMemcpyHostToDevice) {
  const bool fits = offset <= sizeof(T) && bytes <= sizeof(T) - offset;
  const void* variable = fits ? static_cast<const void*>(&symbol) : nullptr;
  return ::cudaMemcpyToSymbol(variable, from, bytes, offset, kind);
}
template <class T>
requires(!std::is_pointer_v<T>) cudaError_t
    cudaMemcpyFromSymbol(void* to, const T& symbol, size_t bytes, size_t offset = 0,
                         cudaMemcpyKind kind = cudaMemcpyDeviceToHost) {
  const bool fits = offset <= sizeof(T) && bytes <= sizeof(T) - offset;
  const void* variable = fits ? static_cast<const void*>(&symbol) : nullptr;
  return ::cudaMemcpyFromSymbol(to, variable, bytes, offset, kind);
}

/// Where such a variable lies.
template <class T>
requires(!std::is_pointer_v<T>) cudaError_t cudaGetSymbolAddress(void** address, T& symbol) {
  *address = &symbol;
  return cudaSuccess;
}
