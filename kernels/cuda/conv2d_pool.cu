// Convolution with bias, ReLU and 2 × 2 max pooling, hand-written: implicit GEMMs as in conv2d.cu
// whose result is pooled in registers, or whose gradient operand is expanded from the pooled one.
// The unpooled tensors are never in memory. See kernels/conv2d_pool.h.
#include "../conv2d_pool.h"

#include "conv2d_gemm.cuh"
#include "conv2d_pool_operands.cuh"
#include "conv2d_tensor_core.h"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, Tile, … of this folder

/// The product's measures and, in place of its result, the pooled one.
template <class T>
struct PoolJob {
  GemmJob<T> gemm;  // m = 4 · windows, row 4 · window + place in the splits' parts
  int windows;
  T* y;            // (windows, O)
  uint8_t* index;  // (windows, O) or nullptr
  bool relu;
};

/// Pools the four pixels of a window and writes what is left of them.
template <class T>
__device__ void finish_window(const PoolJob<T>& job, int group, int window, int column,
                              const T (&pixels)[4]) {
  const GemmJob<T>& gemm = job.gemm;
  const T bias = gemm.bias == nullptr ? T(0) : gemm.bias[group * gemm.bias_stride + column];
  T best = 0;
  int place = 0;
  CUTTLE_UNROLL
  for (int p = 0; p < 4; ++p) {
    const T value = gemm.bias == nullptr ? pixels[p] : pixels[p] + bias;
    if (p == 0 || value > best || value != value) {
      best = value;
      place = p;
    }
  }
  if (job.relu && best <= T(0)) {
    best = 0;
    place = 4;
  }
  const int64_t to = window * gemm.ld + group * gemm.batch_stride + column;
  job.y[to] = best;
  if (job.index != nullptr) job.index[to] = static_cast<uint8_t>(place);
}

/// c (pixels, O) = U(x) · weightᵀ, for each group, pooled: m = 4·N·PH·PW, n = O / groups, k =
/// KH·KW·C / groups. Rows come in WindowOrder, so a thread holds whole windows and pools them in
/// registers: y and index are a quarter of what the convolution alone would write.
/// Layout: channels last; both operands run along k = (kh, kw, c) in memory.
/// Launch: see block_place. Bound: 2·m·n·k·groups operations. Numerics: accumulated in T in the
/// order (kh, kw, c), bias added before pooling. Deterministic.
template <class Tile, class A, class B>
__global__ void __launch_bounds__(Tile::kThreads)
    conv2d_pool_forward_kernel(A x, B weight, PoolJob<typename Tile::T> job) {
  using T = typename Tile::T;
  const BlockPlace at = block_place<Tile>(job.gemm);
  wait_for_predecessor();
  T acc[Tile::kPerM][Tile::kPerN] = {};
  multiply_tile<Tile>(x.select(at.batch), weight.select(at.batch), at.first_row, at.first_column,
                      at.first_depth, at.last_depth, acc);
  CUTTLE_UNROLL
  for (int r = 0; r < Tile::kPerM / 4; ++r) {
    const int window = at.first_row / 4 + r * Tile::kThreadsM + threadIdx.x / Tile::kThreadsN;
    CUTTLE_UNROLL
    for (int j = 0; j < Tile::kPerN; ++j) {
      const int column = at.first_column + tile_column<Tile>(j);
      if (window >= job.windows || column >= job.gemm.n) continue;
      const T pixels[4] = {acc[4 * r][j], acc[4 * r + 1][j], acc[4 * r + 2][j], acc[4 * r + 3][j]};
      if (job.gemm.splits == 1) {
        finish_window(job, at.batch, window, column, pixels);
      } else {
        CUTTLE_UNROLL
        for (int p = 0; p < 4; ++p) store_partial(job.gemm, at, 4 * window + p, column, pixels[p]);
      }
    }
  }
}

/// Adds the splits of each window's four pixels, in their order, and pools them.
/// Launch: block 256, a thread an element of (group, window, n), the grid covers them.
/// Bound: memory, 4 · splits · groups · windows · n elements. Deterministic.
template <class T>
__global__ void __launch_bounds__(256)
    conv2d_pool_reduce_kernel(PoolJob<T> job, FastDivisor columns, FastDivisor windows) {
  const GemmJob<T>& gemm = job.gemm;
  const uint32_t i = blockIdx.x * 256 + threadIdx.x;
  wait_for_predecessor();
  if (i >= static_cast<uint32_t>(gemm.batch) * job.windows * gemm.n) return;
  uint32_t group = i;
  const int column = columns.split(group);
  const int window = windows.split(group);
  const int64_t split_numel = int64_t{gemm.batch} * gemm.m * gemm.n;
  const T* from = gemm.partials + (int64_t{group} * gemm.m + 4 * window) * gemm.n + column;
  T pixels[4] = {};
  for (int split = 0; split < gemm.splits; ++split, from += split_numel) CUTTLE_UNROLL
  for (int p = 0; p < 4; ++p) pixels[p] += from[p * gemm.n];
  finish_window(job, static_cast<int>(group), window, column, pixels);
}

/// dx (pixels, C) = V(dy) · weight, as conv2d.cu's, with dy expanded from the pooled gradient.
template <class Tile, class A, class B>
__global__ void __launch_bounds__(Tile::kThreads)
    conv2d_pool_backward_input_kernel(A dy, B weight, GemmJob<typename Tile::T> dx) {
  gemm_block<Tile>(dy, weight, dx);
}

/// dweight (O, taps) and dbias = dyᵀ · (U(x), 1), as conv2d.cu's, with dy expanded from the pooled
/// gradient, over the pixels that lie in a window: k = N · 2·PH · 2·PW.
template <class Tile, class A, class B>
__global__ void __launch_bounds__(Tile::kThreads)
    conv2d_pool_backward_weight_kernel(A dy, B x, GemmJob<typename Tile::T> dweight) {
  gemm_block<Tile>(dy, x, dweight);
}

template <class Tile, int kPack, class T>
void run_forward(Stream stream, const Conv2dPoolShape& shape, const T* x, const T* weight,
                 PoolJob<T> job) {
  using A = WindowedInput<Tile, kPack>;
  using B = MatrixOperand<T, kPack, true>;
  GemmJob<T>& gemm = job.gemm;
  const A a{{x, window_geometry(shape, 1), gemm.m, gemm.k}};
  const B b{weight, gemm.n, gemm.k, gemm.k, int64_t{gemm.n} * gemm.k};
  const auto kernel = conv2d_pool_forward_kernel<Tile, A, B>;
  const LaunchShape blocks = cut_into_tiles<Tile>(gemm);
  if (gemm.splits == 1) {
    launch_overlapping(stream, blocks, kernel, a, b, job);
    return;
  }
  const int64_t elements = int64_t{gemm.batch} * job.windows * gemm.n;
  StreamLease lease(stream);
  gemm.partials = lease.scratch<T>(gemm.splits * 4 * elements * sizeof(T));
  launch_overlapping(stream, blocks, kernel, a, b, job);
  launch_overlapping(stream, {blocks_for(elements, 256), 256}, conv2d_pool_reduce_kernel<T>, job,
                     FastDivisor(gemm.n), FastDivisor(job.windows));
}

}  // namespace

template <class T>
void conv2d_pool_forward(cuda::Stream stream, const Conv2dPoolShape& shape, const T* x,
                         const T* weight, const T* bias, T* y, uint8_t* index) {
  const Conv2dShape& s = shape.conv;
  const int64_t windows = s.n * shape.ph() * shape.pw();
  if (windows * s.o == 0) return;
  check_limits(s);
  if constexpr (std::is_same_v<T, float>)
    if (tensor_cores_allowed(stream) &&
        conv2d_pool_forward_tensor_core(stream, shape, x, weight, bias, y, index))
      return;
  PoolJob<T> job = {{}, static_cast<int>(windows), y, index, shape.relu};
  GemmJob<T>& gemm = job.gemm;
  gemm.m = static_cast<int>(4 * windows);
  gemm.n = static_cast<int>(s.o / s.groups);
  gemm.k = static_cast<int>(s.kh * s.kw * (s.c / s.groups));
  gemm.batch = static_cast<int>(s.groups);
  gemm.ld = s.o;
  gemm.batch_stride = gemm.bias_stride = gemm.n;
  gemm.bias = bias;
  const bool packs = s.c / s.groups % (16 / sizeof(T)) == 0 && is_aligned(x) && is_aligned(weight);
  choose_tile<T>(gemm.m, gemm.n, packs, [&]<class Tile, int kPack> {
    run_forward<Tile, kPack>(stream, shape, x, weight, job);
  });
}

template <class T>
void conv2d_pool_backward_input(cuda::Stream stream, const Conv2dPoolShape& shape, const T* dy,
                                const uint8_t* index, const T* weight, T* dx) {
  const Conv2dShape& s = shape.conv;
  if (s.n * s.h * s.w * s.c == 0) return;
  check_limits(s);
  if constexpr (std::is_same_v<T, float>)
    if (shape.ph() * shape.pw() > 0 && tensor_cores_allowed(stream) &&
        conv2d_pool_backward_input_tensor_core(stream, shape, dy, index, weight, dx))
      return;
  const GemmJob<T> job = backward_input_job(s, dx);
  const bool packs = packs_fit<T>(s, dy, weight) && is_aligned(index, 4);
  choose_tile<T>(job.m, job.n, packs, [&]<class Tile, int kPack> {
    using A = UnfoldedGradient<PooledGradient<T>, kPack>;
    using B = TransposedWeight<T, kPack>;
    run_gemm<Tile>(stream, conv2d_pool_backward_input_kernel<Tile, A, B>,
                   A{pooled_gradient(shape, dy, index), gradient_geometry(s), job.m, job.k},
                   B{weight, FastDivisor(s.o / s.groups), job.n, job.k, s.kh * s.kw * job.n}, job);
  });
}

template <class T>
void conv2d_pool_backward_weight(cuda::Stream stream, const Conv2dPoolShape& shape, const T* x,
                                 const T* dy, const uint8_t* index, T* dweight, T* dbias) {
  const Conv2dShape& s = shape.conv;
  check_limits(s);
  const int64_t taps = s.kh * s.kw * (s.c / s.groups);
  const int64_t pixels = s.n * 2 * shape.ph() * 2 * shape.pw();
  if constexpr (std::is_same_v<T, float>)
    if (taps > 0 && pixels > 0 && tensor_cores_allowed(stream) &&
        conv2d_pool_backward_weight_tensor_core(stream, shape, x, dy, index, dweight, dbias))
      return;
  const GemmJob<T> job = backward_weight_job(s, pixels, dweight, dbias);
  if (job.m == 0 || job.n == 0) return;
  const auto run = [&]<int kPack> {
    using A = PooledGradientRows<T, kPack>;
    using B = WithOnes<UnfoldedInput<T, kPack, false>>;
    const ConvGeometry g = window_geometry(shape, 2);
    run_gemm<Medium<T>>(stream, conv2d_pool_backward_weight_kernel<Medium<T>, A, B>,
                        A{pooled_gradient(shape, dy, index), g.grid_h, g.grid_w, job.m, job.k},
                        B{{x, g, job.k, static_cast<int>(taps)}}, job);
  };
  if constexpr (std::is_same_v<T, float>)
    if (packs_fit<T>(s, x, dy) && is_aligned(index, 4)) return run.template operator()<4>();
  run.template operator()<1>();
}

#define CUTTLE_CONV2D_POOL(T)                                                                 \
  template void conv2d_pool_forward(cuda::Stream, const Conv2dPoolShape&, const T*, const T*, \
                                    const T*, T*, uint8_t*);                                  \
  template void conv2d_pool_backward_input(cuda::Stream, const Conv2dPoolShape&, const T*,    \
                                           const uint8_t*, const T*, T*);                     \
  template void conv2d_pool_backward_weight(cuda::Stream, const Conv2dPoolShape&, const T*,   \
                                            const T*, const uint8_t*, T*, T*);
CUTTLE_CONV2D_POOL(float)
CUTTLE_CONV2D_POOL(double)

}  // namespace cuttle::kernels
