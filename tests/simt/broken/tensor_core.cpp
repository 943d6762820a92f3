// Tensor-core instructions without all their lanes, without their waits, or with wrong operands.
#include <cuttle/kernels/cuda/tensor_core/async_copy.cuh>
#include <cuttle/kernels/cuda/tensor_core/mma.cuh>
#include <cuttle/kernels/cuda/tensor_core/wgmma.cuh>

#include <cmath>

#include "broken.h"

namespace broken {
namespace {

namespace tensor_core = cuttle::kernels::cuda;

__device__ float one_product() {
  const float a[4] = {1, 1, 1, 1}, b[2] = {1, 1};
  float d[4] = {};
  tensor_core::mma_m16n8k8(d, a, b);
  return d[0];
}

// Half of the warp multiplies; the other half waits at the barrier.
__global__ void product_in_branch_kernel(float* out) {
  float value = 0;
  if (threadIdx.x % 32 < 16) value = one_product();
  __syncthreads();
  out[threadIdx.x] = value;
}

__global__ void product_of_exited_lanes_kernel(float* out) {
  if (threadIdx.x >= 20) return;
  out[threadIdx.x] = one_product();
}

// Metadata of zeros name no element of a pair.
__global__ void sparse_metadata_kernel(float* out) {
  const float a[4] = {1, 1, 1, 1}, b[4] = {1, 1, 1, 1};
  float d[4] = {};
  tensor_core::mma_sparse_m16n8k16(d, a, b, 0);
  out[threadIdx.x] = d[0];
}

// Reads what it copies without a wait.
__global__ void missing_copy_wait_kernel(float* data) {
  CUTTLE_SHARED(float, tile, [32]);
  tensor_core::copy_async<4>(&tile[threadIdx.x], data + threadIdx.x, true);
  tensor_core::commit_copies();
  __syncthreads();
  data[threadIdx.x] = tile[31 - threadIdx.x];
}

// Sixteen bytes from the second float on.
__global__ void misaligned_copy_kernel(float* data) {
  CUTTLE_SHARED(float4, tile, [1]);
  if (threadIdx.x == 0) tensor_core::copy_async<16>(tile, data + 1, true);
}

// 64 × 8 ones times 8 × 16 ones; `row_stride` should be 128, and the wait should be there.
template <bool kWaits>
__device__ float product_of_ones(float* shared, uint32_t row_stride) {
  for (int i = static_cast<int>(threadIdx.x); i < 64 * 8; i += 128) shared[i] = 1;
  tensor_core::show_to_products();
  __syncthreads();
  const uint32_t address = tensor_core::shared_address(shared);
  float d[8] = {};
  tensor_core::open_products();
  tensor_core::wgmma_tf32<16>(d, tensor_core::matrix_descriptor(address, 64 * 16, row_stride),
                              tensor_core::matrix_descriptor(address, 64 * 16, 128));
  tensor_core::commit_products();
  if (kWaits) tensor_core::wait_for_products<0>();
  return d[0] == 8 ? 8 : NAN;
}

__global__ void missing_product_wait_kernel(float* out) {
  CUTTLE_SHARED(float, shared, [64 * 8]);
  const float sum = product_of_ones<false>(shared, 128);
  if (threadIdx.x < 32) out[threadIdx.x] = sum;
}

__global__ void wrong_descriptor_kernel(float* out) {
  CUTTLE_SHARED(float, shared, [64 * 8]);
  const float sum = product_of_ones<true>(shared, 256);
  if (threadIdx.x < 32) out[threadIdx.x] = sum;
}

template <int kCount>
void run(void (*kernel)(float*)) {
  float* data = nullptr;
  require(cudaMalloc(reinterpret_cast<void**>(&data), kCount * sizeof(float)));
  require(cudaMemset(data, 0, kCount * sizeof(float)));
  launch(kernel, 1, kCount, 0, nullptr, data);
  std::vector<float> host(32);
  require(cudaMemcpy(host.data(), data, 32 * sizeof(float), cudaMemcpyDeviceToHost));
  require(cudaFree(data));
  for (const float value : host) require(!std::isnan(value), "wrong result: NaN");
}

}  // namespace

std::vector<Case> tensor_core_cases() {
  return {{"product_in_branch", [] { run<32>(product_in_branch_kernel); }},
          {"product_of_exited_lanes", [] { run<32>(product_of_exited_lanes_kernel); }},
          {"sparse_metadata", [] { run<32>(sparse_metadata_kernel); }},
          {"missing_copy_wait", [] { run<32>(missing_copy_wait_kernel); }},
          {"misaligned_copy", [] { run<32>(misaligned_copy_kernel); }},
          {"missing_product_wait", [] { run<128>(missing_product_wait_kernel); }},
          {"wrong_descriptor", [] { run<128>(wrong_descriptor_kernel); }}};
}

}  // namespace broken
