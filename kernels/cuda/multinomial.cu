// Running sums of weights. See kernels/multinomial.h.
#include "../multinomial.h"

#include "../half.h"
#include "device_report.cuh"
#include "gpu.h"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, report, … of this folder

constexpr int kThreads = 256;
static_assert(kThreads == kSumChunks);

/// The bits of a number, for a report.
__device__ int64_t bits_of(double number) {
  return reinterpreted<int64_t>(number);
}

__device__ bool is_weight(double number) {
  return number >= 0 && number <= 1.7976931348623157e308;
}

/// Reports a p[i] outside [0, 1].
/// Launch: block 256, a thread a number, the grid covers n. Bound: memory, 8n bytes read.
__global__ void __launch_bounds__(kThreads)
    check_probabilities_kernel(int64_t n, const double* p, DeviceReporter reporter) {
  const int64_t i = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  wait_for_predecessor();
  if (i < n && !(p[i] >= 0 && p[i] <= 1))
    report(reporter, ReportKind::probability_out_of_range, bits_of(p[i]), i, 0);
}

/// sums[r, :] = running sums of weights[r, :].
/// Launch: a block of 256 threads a row, each a piece of neighbouring columns. Bound: memory, 32
/// bytes a weight (read, written, read and written again), in strided accesses where a piece is
/// longer than 1. Numerics: the order of kernels/multinomial.h. Deterministic but for which of
/// several bad weights is reported.
__global__ void __launch_bounds__(kThreads)
    cumulative_weights_kernel(int64_t cols, const double* weights, double* sums,
                              DeviceReporter reporter) {
  CUTTLE_SHARED(double, starts, [kThreads]);
  const int64_t row = blockIdx.x, chunk = (cols + kThreads - 1) / kThreads;
  const int64_t begin = threadIdx.x * chunk, end = begin + chunk < cols ? begin + chunk : cols;
  wait_for_predecessor();
  double sum = 0;
  for (int64_t c = begin; c < end; ++c) {
    const double weight = weights[row * cols + c];
    if (!is_weight(weight)) report(reporter, ReportKind::bad_weight, bits_of(weight), row, c);
    sum += weight;
    sums[row * cols + c] = sum;
  }
  starts[threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.x == 0) {
    double before = 0;
    for (int t = 0; t < kThreads; ++t) {
      const double piece = starts[t];
      starts[t] = before;
      before += piece;
    }
    if (!(before > 0) || !is_weight(before))
      report(reporter, ReportKind::bad_weight_sum, bits_of(before), row, 0);
  }
  __syncthreads();
  const double start = starts[threadIdx.x];
  for (int64_t c = begin; c < end; ++c) sums[row * cols + c] = start + sums[row * cols + c];
}

}  // namespace

void check_probabilities(cuda::Stream stream, int64_t n, const double* p) {
  if (n == 0) return;
  launch_overlapping(stream, {blocks_for(n, kThreads), kThreads}, check_probabilities_kernel, n, p,
                     device_reporter(stream.device));
}

void cumulative_weights(cuda::Stream stream, int64_t rows, int64_t cols, const double* weights,
                        double* sums) {
  if (rows == 0 || cols == 0) return;
  launch_overlapping(stream, {blocks_for(rows, 1), kThreads}, cumulative_weights_kernel, cols,
                     weights, sums, device_reporter(stream.device));
}

}  // namespace cuttle::kernels
