// What kernel.cu needs besides CUDA: arrays in device memory, a checked launch, and a check of the
// result. Read ../kernels/cuda/gpu.h for the language of kernels.
#pragma once

#include <concepts>
#include <cstdlib>
#include <iostream>
#include <type_traits>
#include <utility>
#include <vector>

#include "../kernels/cuda/gpu.h"

#if defined(__CUDACC__)  // what the interpreter has without being asked
#include <cooperative_groups/reduce.h>
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#endif

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

/// The size of a grid, which remembers the line that a launch is on.
struct Grid {
  dim3 size;
  const char* file;
  int line;

  template <class Size>
  requires std::convertible_to<Size, dim3> Grid(Size size_, const char* file_ = __builtin_FILE(),
                                                int line_ = __builtin_LINE())
      : size(size_), file(file_), line(line_) {}
};

/// kernel<<<grid, block, shared_bytes, stream>>>(arguments...), checked.
template <class... Parameters, class... Arguments>
void launch_on(cudaStream_t stream, void (*kernel)(Parameters...), Grid grid, dim3 block,
               size_t shared_bytes, Arguments&&... arguments) {
  static_assert(sizeof...(Arguments) == sizeof...(Parameters),
                "after grid, block and bytes of shared memory a launch takes as many arguments as "
                "the kernel has parameters");
  if constexpr (sizeof...(Arguments) == sizeof...(Parameters)) {
    static_assert((std::is_convertible_v<Arguments, Parameters> && ...),
                  "an argument of the launch does not fit its parameter of the kernel");
#if defined(__CUDACC__)
    cudaLaunchConfig_t config = {};
    config.gridDim = grid.size;
    config.blockDim = block;
    config.dynamicSmemBytes = shared_bytes;
    config.stream = stream;
    const cudaError_t error = cudaLaunchKernelEx(
        &config, kernel, static_cast<Parameters>(std::forward<Arguments>(arguments))...);
#else
    const cudaError_t error = cuttle::simt::launch(kernel, grid.size, block, shared_bytes, stream,
                                                   std::forward<Arguments>(arguments)...);
#endif
    check(error == cudaSuccess, grid.file, ":", grid.line, ": a grid of (", grid.size.x, ",",
          grid.size.y, ",", grid.size.z, ") blocks of (", block.x, ",", block.y, ",", block.z,
          ") threads with ", shared_bytes,
          " bytes of dynamic shared memory: ", cudaGetErrorString(error));
  }
}

/// kernel<<<grid, block, shared_bytes>>>(arguments...), checked.
template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), Grid grid, dim3 block, size_t shared_bytes,
            Arguments&&... arguments) {
  launch_on(nullptr, kernel, grid, block, shared_bytes, std::forward<Arguments>(arguments)...);
}
