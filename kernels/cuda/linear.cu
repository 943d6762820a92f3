// The linear layer. Small ones, whose time is latency, have kernels here that need one launch each
// way; large ones are matrix products (gemm.cu). See kernels/linear.h.
#include "../linear.h"

#include "../cuda_runtime.h"
#include "../linear_products.h"
#include "linear_small.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, Pack, … of this folder

constexpr int kForwardRows = 8, kForwardOutputs = 4;  // of y: a block's tile, a lane an element
constexpr int kMostForwardWarps = 8;

/// y = x · weightᵀ + bias for few elements.
/// Layout: as in kernels/linear.h; kPacked: lines of `in` elements fit 16-byte loads.
/// Launch: block of 1 to 8 warps, as many as `in` keeps busy; a block a tile of 8 rows × 4 outputs,
/// grid one-dimensional, row tiles fastest. The threads share the sum: thread t takes elements
/// 4t … 4t + 3 of each blockDim · 4, for all 32 elements of the tile; then lanes and warps meet.
/// Bound: latency. Every load of 1,024 elements of the sum is in flight at once; a block reads
/// 12 · in elements from L2 for 32 · in multiply-adds.
/// Numerics: accumulated in T, in an order fixed by `in`. Deterministic.
template <class T, bool kPacked>
__global__ void __launch_bounds__(kMostForwardWarps * 32, 1)
    linear_forward_kernel(int rows, int in, int out, const T* __restrict__ x,
                          const T* __restrict__ weight, const T* __restrict__ bias,
                          T* __restrict__ y) {
  const int row_tiles = (rows + kForwardRows - 1) / kForwardRows;
  const int first_row = static_cast<int>(blockIdx.x) % row_tiles * kForwardRows;
  const int first_out = static_cast<int>(blockIdx.x) / row_tiles * kForwardOutputs;

  T sums[kForwardRows * kForwardOutputs] = {};
  for (int k = threadIdx.x * kRun; k < in; k += blockDim.x * kRun) {
    T from_x[kForwardRows][kRun], from_weight[kForwardOutputs][kRun];
    CUTTLE_UNROLL
    for (int r = 0; r < kForwardRows; ++r)
      load_run<kPacked>(x + int64_t{first_row + r} * in + k, first_row + r < rows ? in - k : 0,
                        from_x[r]);
    CUTTLE_UNROLL
    for (int o = 0; o < kForwardOutputs; ++o)
      load_run<kPacked>(weight + int64_t{first_out + o} * in + k, first_out + o < out ? in - k : 0,
                        from_weight[o]);
    CUTTLE_UNROLL
    for (int i = 0; i < kForwardRows * kForwardOutputs; ++i) CUTTLE_UNROLL
    for (int v = 0; v < kRun; ++v)
      sums[i] = multiply_add(from_x[i / kForwardOutputs][v], from_weight[i % kForwardOutputs][v],
                             sums[i]);
  }

  CUTTLE_SHARED(T, warp_sums, [kMostForwardWarps][32]);
  const int lane = threadIdx.x % 32;
  warp_sums[threadIdx.x / 32][lane] = sum_to_lanes(sums);
  __syncthreads();
  const int row = first_row + lane / kForwardOutputs, column = first_out + lane % kForwardOutputs;
  if (threadIdx.x >= 32 || row >= rows || column >= out) return;
  T sum = warp_sums[0][lane];
  for (int warp = 1; warp < static_cast<int>(blockDim.x) / 32; ++warp) sum += warp_sums[warp][lane];
  y[int64_t{row} * out + column] = bias != nullptr ? sum + bias[column] : sum;
}

constexpr int kGradientRows = 8, kGradientColumns = 32 * kRun;  // of a gradient: a block's tile
constexpr int kGradientSteps = 8;                               // of the sum, for a warp at a time
template <class T>
constexpr int kGradientWarps = 32 / sizeof(T);  // their sums take 32 KiB of shared memory

/// One gradient: result (rows, columns) = Σ_k g(r, k) · factor (depth, columns), and where wanted
/// row_sums (rows) = Σ_k g(r, k), g being dy or its transpose.
template <class T>
struct GradientJob {
  int rows = 0, columns = 0, depth = 0;
  bool transposed = false;  // g(r, k) is dy[k][r], else dy[r][k]
  const T* dy = nullptr;
  const T* factor = nullptr;
  T* result = nullptr;
  T* row_sums = nullptr;

  __host__ __device__ int row_tiles() const { return (rows + kGradientRows - 1) / kGradientRows; }
  __host__ __device__ int blocks() const {
    return row_tiles() * ((columns + kGradientColumns - 1) / kGradientColumns);
  }
};

template <class T>
GradientJob<T> gradient_job(int64_t rows, int64_t columns, int64_t depth, const T* dy,
                            const T* factor, T* result) {
  GradientJob<T> job;
  job.rows = static_cast<int>(rows);
  job.columns = static_cast<int>(columns);
  job.depth = static_cast<int>(depth);
  job.dy = dy;
  job.factor = factor;
  job.result = result;
  return job;
}

/// A warp's part of dy, (steps, rows), brought to its own shared memory.
template <class T>
__device__ void fetch_gradient(const GradientJob<T>& job, int first_row, int first_step,
                               T (&tile)[kGradientSteps][kGradientRows]) {
  CUTTLE_UNROLL
  for (int i = 0; i < kGradientSteps * kGradientRows; i += 32) {
    const int at = i + threadIdx.x % 32;  // neighbouring lanes along dy's lines
    const int r = job.transposed ? at % kGradientRows : at / kGradientSteps;
    const int s = job.transposed ? at / kGradientRows : at % kGradientSteps;
    const int row = first_row + r, k = first_step + s;
    const int64_t from = job.transposed ? int64_t{k} * job.rows + row : int64_t{row} * job.depth + k;
    tile[s][r] = row < job.rows && k < job.depth ? job.dy[from] : T(0);
  }
}

/// The part of a tile's sums that one warp has: of each kGradientWarps · 8 steps, its own 8.
/// acc (rows, run): lane l has columns 4l … 4l + 3.
template <bool kPacked, class T>
__device__ void sum_gradient(const GradientJob<T>& job, int first_row, int column,
                             T (&dy_tile)[kGradientSteps][kGradientRows],
                             T (&acc)[kGradientRows][kRun], T (&row_sums)[kGradientRows]) {
  constexpr int kWide = 16 / sizeof(T);
  const int warp = threadIdx.x / 32;
  for (int k = warp * kGradientSteps; k < job.depth; k += kGradientWarps<T> * kGradientSteps) {
    T factors[kGradientSteps][kRun];
    CUTTLE_UNROLL
    for (int s = 0; s < kGradientSteps; ++s)
      load_run<kPacked>(job.factor + int64_t{k + s} * job.columns + column,
                        k + s < job.depth ? job.columns - column : 0, factors[s]);
    __syncwarp();  // the steps before have been read
    fetch_gradient(job, first_row, k, dy_tile);
    __syncwarp();
    CUTTLE_UNROLL
    for (int s = 0; s < kGradientSteps; ++s) CUTTLE_UNROLL
    for (int first = 0; first < kGradientRows; first += kWide) {
      const Pack<T, kWide> dy = load_pack<kWide>(&dy_tile[s][first]);
      CUTTLE_UNROLL
      for (int w = 0; w < kWide; ++w) {
        row_sums[first + w] += dy.at[w];
        CUTTLE_UNROLL
        for (int v = 0; v < kRun; ++v)
          acc[first + w][v] = multiply_add(dy.at[w], factors[s][v], acc[first + w][v]);
      }
    }
  }
}

/// dx = dy · weight, and dweight = dyᵀ · x with dbias = Σ of dy's rows: both have `in` columns, and
/// both read their second factor along them, so they are one kernel with two jobs.
/// Layout: as in kernels/linear.h; kPacked: lines of `in` elements fit 16-byte accesses.
/// Launch: block of kGradientWarps, a block a tile of 8 rows × 128 columns, grid one-dimensional:
/// the first job's tiles, row tiles fastest, then the second's. The warps share the sum.
/// Bound: latency. Every load of kGradientWarps · 8 steps is in flight at once; a block reads
/// 136 elements from L2 for 1,024 multiply-adds.
/// Numerics: accumulated in T, in an order fixed by the sum's length. Deterministic.
template <class T, bool kPacked>
__global__ void __launch_bounds__(kGradientWarps<T> * 32)
    linear_backward_kernel(GradientJob<T> first, GradientJob<T> second) {
  const int first_blocks = first.blocks();
  const bool is_first = static_cast<int>(blockIdx.x) < first_blocks;
  const GradientJob<T> job = is_first ? first : second;
  const int block = static_cast<int>(blockIdx.x) - (is_first ? 0 : first_blocks);
  const int first_row = block % job.row_tiles() * kGradientRows;
  const int first_column = block / job.row_tiles() * kGradientColumns;
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;

  CUTTLE_SHARED(T, dy_tiles, [kGradientWarps<T>][kGradientSteps][kGradientRows]);
  CUTTLE_SHARED(T, sums, [kGradientWarps<T>][kGradientRows][kGradientColumns]);
  CUTTLE_SHARED(T, row_sums, [kGradientWarps<T>][kGradientRows]);
  T acc[kGradientRows][kRun] = {}, own_row_sums[kGradientRows] = {};
  sum_gradient<kPacked>(job, first_row, first_column + lane * kRun, dy_tiles[warp], acc,
                        own_row_sums);
  CUTTLE_UNROLL
  for (int r = 0; r < kGradientRows; ++r) {
    store_run<true>(&sums[warp][r][lane * kRun], kRun, acc[r]);
    if (lane == 0) row_sums[warp][r] = own_row_sums[r];
  }
  __syncthreads();

  for (int i = threadIdx.x * kRun; i < kGradientRows * kGradientColumns; i += blockDim.x * kRun) {
    const int r = i / kGradientColumns, c = i % kGradientColumns;
    T total[kRun] = {};
    CUTTLE_UNROLL
    for (int w = 0; w < kGradientWarps<T>; ++w) {
      T part[kRun];
      load_run<true>(&sums[w][r][c], kRun, part);
      CUTTLE_UNROLL
      for (int v = 0; v < kRun; ++v) total[v] += part[v];
    }
    if (first_row + r < job.rows)
      store_run<kPacked>(job.result + int64_t{first_row + r} * job.columns + first_column + c,
                         job.columns - first_column - c, total);
  }
  const int row = first_row + static_cast<int>(threadIdx.x);
  if (threadIdx.x >= kGradientRows || row >= job.rows) return;
  if (job.row_sums == nullptr || first_column > 0) return;
  T total = 0;
  for (int w = 0; w < kGradientWarps<T>; ++w) total += row_sums[w][threadIdx.x];
  job.row_sums[row] = total;
}

/// Up to 8 M multiply-adds, twice the tutorial's larger layer, and sums of some rounds: there every
/// load can be in flight soon, and what the larger tiles of gemm save is less than they wait for.
bool is_small(const LinearShape& s, int64_t longest_sum, int64_t most) {
  constexpr int64_t kMostProducts = int64_t{1} << 23;
  return library() == Library::handwritten && s.rows > 0 && s.in > 0 && s.out > 0 &&
         longest_sum <= most && s.rows * s.in <= kMostProducts / s.out;
}

/// Whether 16-byte accesses to lines of `in` elements stay aligned and inside them.
template <class T, class... Pointers>
bool packs_fit(const LinearShape& s, Pointers... pointers) {
  return s.in % kRun == 0 && (is_aligned(pointers) && ...);
}

}  // namespace

template <class T>
void linear_forward(cuda::Stream stream, const LinearShape& s, const T* x, const T* weight,
                    const T* bias, T* y) {
  if (!is_small(s, s.in, 4096)) return linear_forward_by_gemm(stream, s, x, weight, bias, y);
  const int64_t row_tiles = (s.rows + kForwardRows - 1) / kForwardRows;
  const int64_t out_tiles = (s.out + kForwardOutputs - 1) / kForwardOutputs;
  const int64_t warps = std::min<int64_t>((s.in + 32 * kRun - 1) / (32 * kRun), kMostForwardWarps);
  const LaunchShape shape(blocks_for(row_tiles * out_tiles, 1), static_cast<unsigned>(warps * 32));
  launch(stream, shape,
         packs_fit<T>(s, x, weight) ? linear_forward_kernel<T, true>
                                    : linear_forward_kernel<T, false>,
         static_cast<int>(s.rows), static_cast<int>(s.in), static_cast<int>(s.out), x, weight, bias,
         y);
}

template <class T>
void linear_backward(cuda::Stream stream, const LinearShape& s, const T* x, const T* weight,
                     const T* dy, const LinearGradients<T>& gradients) {
  const bool bias_alone = gradients.dbias != nullptr && gradients.dweight == nullptr;
  if (bias_alone || !is_small(s, std::max(s.rows, s.out), 512))
    return linear_backward_by_gemm(stream, s, x, weight, dy, gradients);
  GradientJob<T> dx, dweight;  // without blocks where not wanted
  if (gradients.dx)
    dx = gradient_job(s.rows, s.in, s.out, dy, weight, gradients.dx);
  if (gradients.dweight) {
    dweight = gradient_job(s.out, s.in, s.rows, dy, x, gradients.dweight);
    dweight.transposed = true;
    dweight.row_sums = gradients.dbias;
  }
  const int blocks = dx.blocks() + dweight.blocks();
  if (blocks == 0) return;
  launch(stream, {static_cast<unsigned>(blocks), kGradientWarps<T> * 32},
         packs_fit<T>(s, dx.factor, dx.result, dweight.factor, dweight.result)
             ? linear_backward_kernel<T, true>
             : linear_backward_kernel<T, false>,
         dx, dweight);
}

#define CUTTLE_LINEAR(T)                                                                        \
  template void linear_forward(cuda::Stream, const LinearShape&, const T*, const T*, const T*,  \
                               T*);                                                             \
  template void linear_backward(cuda::Stream, const LinearShape&, const T*, const T*, const T*, \
                                const LinearGradients<T>&);
CUTTLE_LINEAR(float)
CUTTLE_LINEAR(double)

}  // namespace cuttle::kernels
