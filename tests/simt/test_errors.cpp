// The errors of a GPU where a GPU would give them.
#include <cuttle/kernels/simt/options.h>

#include <cstring>

#include "support.h"

namespace simt_test {
namespace {

__global__ void nothing_kernel(int) {}

cudaError_t launch_nothing(dim3 grid, dim3 block, size_t shared = 0) {
  const cudaError_t error = launch(nothing_kernel, grid, block, shared, nullptr, 1);
  EXPECT_EQ(cudaGetLastError(), error);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
  return error;
}

TEST(SimtErrors, ExtentsOfALaunch) {
  EXPECT_EQ(launch_nothing(1, 1024), cudaSuccess);
  EXPECT_EQ(launch_nothing(1, 2000), cudaErrorInvalidConfiguration);
  EXPECT_EQ(launch_nothing(1, 0), cudaErrorInvalidConfiguration);
  EXPECT_EQ(launch_nothing(0, 32), cudaErrorInvalidConfiguration);
  EXPECT_EQ(launch_nothing(1, dim3(64, 64)), cudaErrorInvalidConfiguration);
  EXPECT_EQ(launch_nothing(1, dim3(1, 1, 65)), cudaErrorInvalidConfiguration);
  EXPECT_EQ(launch_nothing(dim3(1, 65536), 1), cudaErrorInvalidConfiguration);
  EXPECT_EQ(launch_nothing(dim3(1, 1, 65536), 1), cudaErrorInvalidConfiguration);
}

__global__ void much_shared_kernel() {}

TEST(SimtErrors, SharedMemoryOverTheLimit) {
  const auto run = [](size_t bytes) { return launch(much_shared_kernel, 1, 1, bytes, nullptr); };
  EXPECT_EQ(run(48 << 10), cudaSuccess);
  EXPECT_EQ(run((48 << 10) + 1), cudaErrorInvalidValue);
  const auto raise = [](int bytes) {
    return cudaFuncSetAttribute(much_shared_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                bytes);
  };
  EXPECT_EQ(raise(100 << 10), cudaSuccess);
  EXPECT_EQ(run(100 << 10), cudaSuccess);
  EXPECT_EQ(run((100 << 10) + 1), cudaErrorInvalidValue);
  EXPECT_EQ(raise((227 << 10) + 1), cudaErrorInvalidValue);
  cudaGetLastError();
}

TEST(SimtErrors, OutOfMemoryAtASettableSize) {
  cuttle::simt::Options& options = cuttle::simt::options();
  const auto before = options;
  size_t free_before = 0, total = 0;
  EXPECT_CUDA(cudaMemGetInfo(&free_before, &total));
  options.memory = total - free_before + (1 << 20);
  void *first = nullptr, *second = nullptr;
  EXPECT_EQ(cudaMalloc(&first, 700 << 10), cudaSuccess);
  EXPECT_EQ(cudaMalloc(&second, 700 << 10), cudaErrorMemoryAllocation);
  EXPECT_EQ(second, nullptr);
  EXPECT_EQ(cudaGetLastError(), cudaErrorMemoryAllocation);
  size_t left = 0;
  EXPECT_CUDA(cudaMemGetInfo(&left, &total));
  EXPECT_EQ(left, (1u << 20) - (700u << 10));
  EXPECT_CUDA(cudaFree(first));
  EXPECT_EQ(cudaMalloc(&second, 1 << 20), cudaSuccess);
  EXPECT_CUDA(cudaFree(second));
  options = before;
}

TEST(SimtErrors, CopiesThatLeaveTheirMemory) {
  const DeviceArray<int> a(10), b(10);
  EXPECT_EQ(cudaMemcpy(a.data(), b.data(), 44, cudaMemcpyDeviceToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemcpy(a.data() + 1, b.data(), 40, cudaMemcpyDeviceToDevice),
            cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemset(a.data(), 0, 41), cudaErrorInvalidValue);
  int host[10];
  EXPECT_EQ(cudaMemcpy(host, a.data(), 40, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemcpy(nullptr, a.data(), 4, cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemcpy(host, a.data(), 0, cudaMemcpyDeviceToHost), cudaSuccess);
  cudaGetLastError();
}

__device__ int device_variable = 0;

TEST(SimtErrors, CopiesThatTakeHostMemoryForTheDevices) {
  const DeviceArray<int> a(1);
  std::vector<int> host(1), other(1);
  const auto copy = [](void* to, const void* from, cudaMemcpyKind kind) {
    return cudaMemcpy(to, from, sizeof(int), kind);
  };
  EXPECT_EQ(copy(host.data(), other.data(), cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(copy(host.data(), other.data(), cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
  EXPECT_EQ(copy(host.data(), a.data(), cudaMemcpyDeviceToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(copy(a.data(), host.data(), cudaMemcpyDeviceToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(copy(a.data(), host.data(), cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemset(host.data(), 0, sizeof(int)), cudaErrorInvalidValue);
  EXPECT_EQ(copy(&device_variable, host.data(), cudaMemcpyHostToDevice), cudaSuccess);
  EXPECT_EQ(copy(a.data(), &device_variable, cudaMemcpyDeviceToDevice), cudaSuccess);
  EXPECT_EQ(copy(host.data(), &device_variable, cudaMemcpyDeviceToHost), cudaSuccess);
  cudaGetLastError();
}

__constant__ int weights[4];

TEST(SimtErrors, CopiesBeyondAVariable) {
  int values[8] = {1, 2, 3, 4};
  EXPECT_EQ(cudaMemcpyToSymbol(weights, values, sizeof values), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemcpyToSymbol(weights, values, 4, 16), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemcpyFromSymbol(values, weights, 8, 12), cudaErrorInvalidValue);
  EXPECT_CUDA(cudaMemcpyToSymbol(weights, values, 4, 12));
  EXPECT_EQ(weights[3], 1);
  void* address = nullptr;
  EXPECT_CUDA(cudaGetSymbolAddress(&address, weights));
  EXPECT_EQ(address, weights);
  cudaGetLastError();
}

TEST(SimtErrors, DevicesThatAreNotThere) {
  const DeviceArray<int> a(4);
  EXPECT_EQ(cudaMemcpyPeer(a.data(), 0, a.data(), 7, 4), cudaErrorInvalidDevice);
  EXPECT_EQ(cudaMemcpyPeerAsync(a.data(), -1, a.data(), 0, 4, nullptr), cudaErrorInvalidDevice);
  EXPECT_EQ(cudaStreamDestroy(cudaStreamPerThread), cudaErrorInvalidResourceHandle);
  cudaGetLastError();
}

// Objects of a program that outlive everything may still free what they hold; a fault would give
// the program another status.
struct FreedAtExit {
  ~FreedAtExit() { cudaFree(memory); }
  void* memory = nullptr;
} freed_at_exit;

TEST(SimtErrors, MemoryMayBeFreedAtExit) {
  EXPECT_CUDA(cudaMalloc(&freed_at_exit.memory, 1000));
}

TEST(SimtErrors, FreeingWhatIsNotAllocated) {
  int host = 0;
  EXPECT_EQ(cudaFree(&host), cudaErrorInvalidValue);
  EXPECT_EQ(cudaFree(nullptr), cudaSuccess);
  void* pinned = nullptr;
  EXPECT_CUDA(cudaMallocHost(&pinned, 8));
  EXPECT_EQ(cudaFree(pinned), cudaErrorInvalidValue);
  EXPECT_CUDA(cudaFreeHost(pinned));
  EXPECT_EQ(cudaSetDevice(99), cudaErrorInvalidDevice);
  cudaGetLastError();
}

TEST(SimtErrors, NamesAndSentences) {
  EXPECT_STREQ(cudaGetErrorName(cudaErrorInvalidConfiguration), "cudaErrorInvalidConfiguration");
  EXPECT_STREQ(cudaGetErrorString(cudaErrorMemoryAllocation), "out of memory");
}

TEST(SimtErrors, DeviceSaysWhatItIs) {
  cudaDeviceProp properties;
  EXPECT_CUDA(cudaGetDeviceProperties(&properties, 0));
  EXPECT_STREQ(properties.name, "Cuttle SIMT interpreter (CPU)");
  EXPECT_EQ(properties.maxThreadsPerBlock, 1024);
  int warp = 0;
  EXPECT_CUDA(cudaDeviceGetAttribute(&warp, cudaDevAttrWarpSize, 0));
  EXPECT_EQ(warp, 32);
}

}  // namespace
}  // namespace simt_test
