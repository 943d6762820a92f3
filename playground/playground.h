// What kernel.cu needs besides CUDA: arrays in device memory, a checked launch, and a check of the
// result. Read ../kernels/cuda/gpu.h for the language of kernels.
#pragma once

#include <cstdlib>
#include <iostream>
#include <utility>
#include <vector>

#include "../kernels/cuda/gpu.h"

/// Ends the program with the parts as its message unless the condition holds.
template <class... Parts>
void check(bool condition, const Parts&... parts) {
  if (condition) return;
  (std::cout << ... << parts) << "\n";
  std::exit(1);
}
inline void check(cudaError_t error) {
  check(error == cudaSuccess, cudaGetErrorString(error));
}

/// An array in device memory.
template <class T>
class DeviceArray {
 public:
  explicit DeviceArray(size_t count) : count_(count) {
    void* memory = nullptr;
    check(cudaMalloc(&memory, count * sizeof(T)));
    data_ = static_cast<T*>(memory);
  }
  explicit DeviceArray(const std::vector<T>& values) : DeviceArray(values.size()) {
    check(cudaMemcpy(data_, values.data(), count_ * sizeof(T), cudaMemcpyHostToDevice));
  }
  ~DeviceArray() { cudaFree(data_); }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  /// For kernels; the host must not look there.
  T* data() const { return data_; }
  /// A copy for the host; waits for the kernels before it.
  std::vector<T> host() const {
    std::vector<T> values(count_);
    check(cudaMemcpy(values.data(), data_, count_ * sizeof(T), cudaMemcpyDeviceToHost));
    return values;
  }

 private:
  T* data_ = nullptr;
  size_t count_;
};

/// kernel<<<grid, block, shared_bytes>>>(arguments...), checked.
template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t shared_bytes,
            Arguments&&... arguments) {
#if defined(__CUDACC__)
  cudaLaunchConfig_t config = {};
  config.gridDim = grid;
  config.blockDim = block;
  config.dynamicSmemBytes = shared_bytes;
  check(cudaLaunchKernelEx(&config, kernel,
                           static_cast<Parameters>(std::forward<Arguments>(arguments))...));
#else
  check(cuttle::simt::launch(kernel, grid, block, shared_bytes, nullptr,
                             std::forward<Arguments>(arguments)...));
#endif
}
