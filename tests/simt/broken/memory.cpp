// Accesses beyond the end of shared, global and local memory, misaligned ones, and reads of what
// nobody wrote.
#include <cmath>

#include "broken.h"

namespace broken {
namespace {

__global__ void shared_past_end_kernel(const int* in, int* out, int offset) {
  CUTTLE_SHARED(int, tile, [kThreads]);
  const int i = static_cast<int>(threadIdx.x);
  int* first = tile;
  first[i + offset] = in[i];
  __syncthreads();
  out[i] = tile[i];
}

__global__ void shared_row_past_end_kernel(int* out, int row) {
  CUTTLE_SHARED(int, tile, [4][32]);
  const int i = static_cast<int>(threadIdx.x);
  tile[row][i] = i;  // row 4 of 4
  __syncthreads();
  out[i] = tile[3][i];
}

__global__ void dynamic_shared_past_end_kernel(int* out, int offset) {
  CUTTLE_DYNAMIC_SHARED(int, tile);
  const int i = static_cast<int>(threadIdx.x);
  tile[i + offset] = i;
  __syncthreads();
  out[i] = tile[i];
}

__global__ void global_write_past_end_kernel(int* out, int n) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i <= n) out[i] = i;  // <= for <
}

__global__ void global_read_before_start_kernel(const int* in, int* out) {
  const int i = static_cast<int>(threadIdx.x);
  out[i] = in[i - 1];
}

__global__ void local_past_end_kernel(int* out, int n) {
  int counts[8] = {};
  for (int i = 0; i < n; ++i) counts[i & 31] += i;
  out[threadIdx.x] = counts[n & 7];
}

__global__ void misaligned_vector_kernel(const float* in, float* out) {
  *reinterpret_cast<float4*>(out) = *reinterpret_cast<const float4*>(in + 1);
}

__global__ void misaligned_shared_kernel(int* out, int offset) {
  CUTTLE_SHARED(int, tile, [kThreads]);
  tile[threadIdx.x] = static_cast<int>(threadIdx.x);
  __syncthreads();
  const int2 pair = *reinterpret_cast<const int2*>(tile + threadIdx.x + offset);
  out[threadIdx.x] = pair.x + pair.y;
}

__global__ void misaligned_local_kernel(int* out, int offset) {
  alignas(8) char bytes[16] = {};
  out[threadIdx.x] = *reinterpret_cast<const int*>(bytes + offset);
}

__global__ void uninitialised_shared_kernel(float* out) {
  CUTTLE_SHARED(float, tile, [kThreads]);
  const int i = static_cast<int>(threadIdx.x);
  if (i > 0) tile[i] = 1.0f;  // nobody writes tile[0]
  __syncthreads();
  out[i] = tile[kThreads - 1 - i];
}

__global__ void uninitialised_dynamic_shared_kernel(float* out) {
  CUTTLE_DYNAMIC_SHARED(float, tile);
  out[threadIdx.x] = tile[threadIdx.x];
}

__global__ void copy_kernel(const float* in, float* out) {
  out[threadIdx.x] = in[threadIdx.x];
}

__global__ void use_after_free_kernel(int* out) {
  out[threadIdx.x] = 1;
}

__global__ void null_pointer_kernel(int* out) {
  out[threadIdx.x] = 1;
}

// Sums what a kernel gave; NaN if it read what nobody wrote.
void require_numbers(void (*kernel)(float*), size_t shared) {
  float* out = nullptr;
  require(cudaMalloc(&out, kThreads * sizeof(float)));
  require(launch(kernel, 1, kThreads, shared, nullptr, out));
  std::vector<float> host(kThreads);
  require(cudaMemcpy(host.data(), out, kThreads * sizeof(float), cudaMemcpyDeviceToHost));
  cudaFree(out);
  for (const float value : host) require(!std::isnan(value), "wrong result: NaN");
}

void run_shared_past_end() {
  Ints in(kThreads), out(kThreads);
  launch(shared_past_end_kernel, 1, kThreads, 0, nullptr, in.data(), out.data(), 1);
}

void run_shared_before_start() {
  Ints in(kThreads), out(kThreads);
  launch(shared_past_end_kernel, 1, kThreads, 0, nullptr, in.data(), out.data(), -1);
}

void run_shared_row_past_end() {
  Ints out(kThreads);
  launch(shared_row_past_end_kernel, 1, 32, 0, nullptr, out.data(), 4);
}

void run_dynamic_shared_past_end() {
  Ints out(kThreads);
  launch(dynamic_shared_past_end_kernel, 1, 100, 100 * sizeof(int), nullptr, out.data(), 1);
}

void run_global_write_past_end() {
  Ints out(500);
  launch(global_write_past_end_kernel, kBlocks, kThreads, 0, nullptr, out.data(), 500);
}

void run_global_read_before_start() {
  Ints in(kThreads), out(kThreads);
  launch(global_read_before_start_kernel, 1, kThreads, 0, nullptr, in.data(), out.data());
}

void run_local_past_end() {
  Ints out(kThreads);
  launch(local_past_end_kernel, 1, kThreads, 0, nullptr, out.data(), 30);
}

void run_misaligned_vector() {
  Ints in(kThreads), out(kThreads);
  launch(misaligned_vector_kernel, 1, 1, 0, nullptr, reinterpret_cast<float*>(in.data()),
         reinterpret_cast<float*>(out.data()));
}

// One thread, with an offset that does not suit the type it reads.
void run_misaligned(void (*kernel)(int*, int), int offset) {
  Ints out(kThreads);
  launch(kernel, 1, 1, 0, nullptr, out.data(), offset);
}

void run_uninitialised_global() {
  float* in = nullptr;
  require(cudaMalloc(&in, kThreads * sizeof(float)));
  float* out = nullptr;
  require(cudaMalloc(&out, kThreads * sizeof(float)));
  require(launch(copy_kernel, 1, kThreads, 0, nullptr, in, out));
  float first = 0;
  require(cudaMemcpy(&first, out, sizeof first, cudaMemcpyDeviceToHost));
  require(!std::isnan(first), "wrong result: NaN");
}

void run_use_after_free() {
  int* out = nullptr;
  require(cudaMalloc(&out, kThreads * sizeof(int)));
  require(cudaFree(out));
  launch(use_after_free_kernel, 1, kThreads, 0, nullptr, out);
}

// The launch forgets the bytes.
void run_no_dynamic_shared() {
  Ints out(kThreads);
  launch(dynamic_shared_past_end_kernel, 1, kThreads, 0, nullptr, out.data(), 0);
}

void run_null_pointer() {
  launch(null_pointer_kernel, 1, kThreads, 0, nullptr, nullptr);
}

}  // namespace

std::vector<Case> memory_cases() {
  return {{"shared_past_end", run_shared_past_end},
          {"shared_before_start", run_shared_before_start},
          {"shared_row_past_end", run_shared_row_past_end},
          {"dynamic_shared_past_end", run_dynamic_shared_past_end},
          {"global_write_past_end", run_global_write_past_end},
          {"global_read_before_start", run_global_read_before_start},
          {"local_past_end", run_local_past_end},
          {"misaligned_vector", run_misaligned_vector},
          {"misaligned_shared", [] { run_misaligned(misaligned_shared_kernel, 1); }},
          {"misaligned_local", [] { run_misaligned(misaligned_local_kernel, 2); }},
          {"uninitialised_shared", [] { require_numbers(uninitialised_shared_kernel, 0); }},
          {"uninitialised_dynamic_shared",
           [] { require_numbers(uninitialised_dynamic_shared_kernel, kThreads * sizeof(float)); }},
          {"uninitialised_global", run_uninitialised_global},
          {"use_after_free", run_use_after_free},
          {"no_dynamic_shared", run_no_dynamic_shared},
          {"null_pointer", run_null_pointer}};
}

}  // namespace broken
