// Convolution, hand-written: forward and the gradients of input, weight and bias as implicit GEMMs
// on the engine of gemm_tile.cuh. See kernels/conv2d.h; conv2d_cudnn.cpp is cuDNN behind the same
// signatures.
#include "../conv2d.h"

#include "../cuda_runtime.h"
#include "../reduce.h"
#include "conv2d_operands.cuh"
#include "gemm_grid.cuh"
#include "vendor.h"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, Tile, … of this folder

/// y (pixels, O) = U(x) · weightᵀ (+ bias), for each group: m = N·OH·OW, n = O / groups,
/// k = KH·KW·C / groups.
/// Layout: channels last, so both operands run along k = (kh, kw, c) in memory.
/// Launch: see gemm_block. Bound: 2·m·n·k·groups operations; each x is read from L2 KH·KW times for
/// each tile column, the weights once for each tile row.
/// Numerics: accumulated in T in the order (kh, kw, c). Deterministic.
template <class Tile, class A, class B>
__global__ void __launch_bounds__(Tile::kThreads)
    conv2d_forward_kernel(A x, B weight, GemmJob<typename Tile::T> y) {
  gemm_block<Tile>(x, weight, y);
}

/// dx (pixels, C) = V(dy) · weight, for each group: m = N·H·W, n = C / groups, k = KH·KW·O /
/// groups. A gather: each input pixel adds what it gave to each window, so no atomics. With a
/// stride s only one in s² of the taps exists; the others cost a multiplication by 0. Layout,
/// launch, numerics as above; the weights run along n = c.
template <class Tile, class A, class B>
__global__ void __launch_bounds__(Tile::kThreads)
    conv2d_backward_input_kernel(A dy, B weight, GemmJob<typename Tile::T> dx) {
  gemm_block<Tile>(dy, weight, dx);
}

/// dweight (O, taps) = dyᵀ · U(x), for each group: m = O / groups, n = KH·KW·C / groups, k =
/// N·OH·OW. A small result and a long sum: split-K spreads the pixels over blocks (up to 128 parts
/// of the result in scratch memory), added in a fixed order. Both operands run along m and n in
/// memory.
template <class Tile, class A, class B>
__global__ void __launch_bounds__(Tile::kThreads, 3)
    conv2d_backward_weight_kernel(A dy, B x, GemmJob<typename Tile::T> dweight) {
  gemm_block<Tile>(dy, x, dweight);
}

template <class T>
using Medium = Tile<T, 64, 64, 16, 4, 4>;
using Narrow = Tile<float, 128, 32, 16, 4, 4>;  // for up to 32 output channels
using Large = Tile<float, 128, 128, 16, 8, 8>;

/// Index arithmetic is in 32 bits within an image and over pixels; see "limit" below.
void check_limits(const Conv2dShape& s) {
  const int64_t largest = std::max({s.n * s.h * s.w, s.n * s.oh * s.ow, s.h * s.w * s.c,
                                    s.oh * s.ow * s.o, s.kh * s.kw * std::max(s.c, s.o)});
  const int64_t extent = std::max({s.kh * s.dilation_h, s.kw * s.dilation_w, s.h + s.padding_h,
                                   s.w + s.padding_w, s.oh * s.stride_h, s.ow * s.stride_w});
  if (largest > kMaxIndex || extent >= -kFarOutside)
    fail(
        "conv2d: input [", s.n, ",", s.c, ",", s.h, ",", s.w, "] with weight [", s.o, ",",
        s.c / s.groups, ",", s.kh, ",", s.kw,
        "] is over the GPU kernels' limit of 2147483647 pixels in a batch or elements in an image; "
        "split the batch");
}

ConvGeometry common_geometry(const Conv2dShape& s) {
  ConvGeometry g;
  g.group_c = static_cast<int>(s.c / s.groups);
  g.group_o = static_cast<int>(s.o / s.groups);
  g.stride_h = static_cast<int>(s.stride_h);
  g.stride_w = static_cast<int>(s.stride_w);
  g.padding_h = static_cast<int>(s.padding_h);
  g.padding_w = static_cast<int>(s.padding_w);
  g.dilation_h = static_cast<int>(s.dilation_h);
  g.dilation_w = static_cast<int>(s.dilation_w);
  g.kernel_w = FastDivisor(s.kw);
  g.divide_stride_h = FastDivisor(s.stride_h);
  g.divide_stride_w = FastDivisor(s.stride_w);
  return g;
}

/// Output pixels gather from x.
ConvGeometry input_geometry(const Conv2dShape& s) {
  ConvGeometry g = common_geometry(s);
  g.image_h = static_cast<int>(s.h);
  g.image_w = static_cast<int>(s.w);
  g.image_c = static_cast<int>(s.c);
  g.grid_h = FastDivisor(s.oh);
  g.grid_w = FastDivisor(s.ow);
  g.tap_channels = FastDivisor(s.c / s.groups);
  return g;
}

/// Input pixels gather from dy.
ConvGeometry gradient_geometry(const Conv2dShape& s) {
  ConvGeometry g = common_geometry(s);
  g.image_h = static_cast<int>(s.oh);
  g.image_w = static_cast<int>(s.ow);
  g.image_c = static_cast<int>(s.o);
  g.grid_h = FastDivisor(s.h);
  g.grid_w = FastDivisor(s.w);
  g.tap_channels = FastDivisor(s.o / s.groups);
  return g;
}

/// Calls run.operator()<Tile, kPack>() with the tile that suits `columns` channels and the widest
/// pack that divides the channels of a group.
template <class T, class Run>
void choose_tile(int64_t rows, int64_t columns, bool packs, Run run) {
  if constexpr (std::is_same_v<T, float>) {
    if (columns <= 32)
      return packs ? run.template operator()<Narrow, 4>() : run.template operator()<Narrow, 1>();
    if (packs && columns >= 128 && (rows / 128) * (columns / 128) >= 128)
      return run.template operator()<Large, 4>();
    if (packs) return run.template operator()<Medium<T>, 4>();
  }
  run.template operator()<Medium<T>, 1>();
}

template <class T, class... Pointers>
bool packs_fit(const Conv2dShape& s, Pointers... pointers) {
  constexpr int64_t kPack = 16 / sizeof(T);
  return s.c / s.groups % kPack == 0 && s.o / s.groups % kPack == 0 &&
         (is_aligned(pointers) && ...);
}

}  // namespace

template <class T>
void conv2d_forward(cuda::Stream stream, const Conv2dShape& s, const T* x, const T* weight,
                    const T* bias, T* y) {
  if (s.n * s.oh * s.ow * s.o == 0) return;
  check_limits(s);
#if defined(CUTTLE_VENDOR_LIBRARIES)
  if (library() == Library::vendor && conv2d_forward_cudnn(stream, s, x, weight, bias, y)) return;
#endif
  GemmJob<T> job;
  job.m = static_cast<int>(s.n * s.oh * s.ow);
  job.n = static_cast<int>(s.o / s.groups);
  job.k = static_cast<int>(s.kh * s.kw * (s.c / s.groups));
  job.batch = static_cast<int>(s.groups);
  job.c = y;
  job.ld = s.o;
  job.batch_stride = job.bias_stride = job.n;
  job.bias = bias;
  const bool packs = s.c / s.groups % (16 / sizeof(T)) == 0 && is_aligned(x) && is_aligned(weight);
  choose_tile<T>(job.m, job.n, packs, [&]<class Tile, int kPack> {
    using A = UnfoldedInput<T, kPack, true>;
    using B = MatrixOperand<T, kPack, true>;
    run_gemm<Tile>(stream, conv2d_forward_kernel<Tile, A, B>, A{x, input_geometry(s), job.m, job.k},
                   B{weight, job.n, job.k, job.k, int64_t{job.n} * job.k}, job);
  });
}

template <class T>
void conv2d_backward_input(cuda::Stream stream, const Conv2dShape& s, const T* dy, const T* weight,
                           T* dx) {
  if (s.n * s.h * s.w * s.c == 0) return;
  check_limits(s);
#if defined(CUTTLE_VENDOR_LIBRARIES)
  if (library() == Library::vendor && conv2d_backward_input_cudnn(stream, s, dy, weight, dx))
    return;
#endif
  GemmJob<T> job;
  job.m = static_cast<int>(s.n * s.h * s.w);
  job.n = static_cast<int>(s.c / s.groups);
  job.k = static_cast<int>(s.kh * s.kw * (s.o / s.groups));
  job.batch = static_cast<int>(s.groups);
  job.c = dx;
  job.ld = s.c;
  job.batch_stride = job.n;
  choose_tile<T>(job.m, job.n, packs_fit<T>(s, dy, weight), [&]<class Tile, int kPack> {
    using A = UnfoldedGradient<T, kPack>;
    using B = TransposedWeight<T, kPack>;
    run_gemm<Tile>(stream, conv2d_backward_input_kernel<Tile, A, B>,
                   A{dy, gradient_geometry(s), job.m, job.k},
                   B{weight, FastDivisor(s.o / s.groups), job.n, job.k, s.kh * s.kw * job.n}, job);
  });
}

template <class T>
void conv2d_backward_weight(cuda::Stream stream, const Conv2dShape& s, const T* x, const T* dy,
                            T* dweight, T* dbias) {
  if (dbias != nullptr) {  // the sum of dy over its pixels
    const int64_t pixels = s.n * s.oh * s.ow;
    sum(stream, {{1, {s.o}, {{1}, {1}}}, {1, {pixels}, {{s.o}}}}, dy, dbias);
  }
  if (s.o * s.kh * s.kw * (s.c / s.groups) == 0) return;
  check_limits(s);
#if defined(CUTTLE_VENDOR_LIBRARIES)
  if (library() == Library::vendor && s.n > 0 &&
      conv2d_backward_weight_cudnn(stream, s, x, dy, dweight))
    return;
#endif
  GemmJob<T> job;
  job.m = static_cast<int>(s.o / s.groups);
  job.n = static_cast<int>(s.kh * s.kw * (s.c / s.groups));
  job.k = static_cast<int>(s.n * s.oh * s.ow);
  job.batch = static_cast<int>(s.groups);
  job.c = dweight;
  job.ld = job.n;
  job.batch_stride = int64_t{job.m} * job.n;
  const auto run = [&]<int kPack> {
    using A = MatrixOperand<T, kPack, false>;
    using B = UnfoldedInput<T, kPack, false>;
    run_gemm<Medium<T>>(stream, conv2d_backward_weight_kernel<Medium<T>, A, B>,
                        A{dy, job.m, job.k, s.o, job.m}, B{x, input_geometry(s), job.k, job.n},
                        job);
  };
  if constexpr (std::is_same_v<T, float>)
    if (packs_fit<T>(s, x, dy)) return run.template operator()<4>();
  run.template operator()<1>();
}

#define CUTTLE_CONV2D(T)                                                                         \
  template void conv2d_forward(cuda::Stream, const Conv2dShape&, const T*, const T*, const T*,   \
                               T*);                                                              \
  template void conv2d_backward_input(cuda::Stream, const Conv2dShape&, const T*, const T*, T*); \
  template void conv2d_backward_weight(cuda::Stream, const Conv2dShape&, const T*, const T*, T*, \
                                       T*);
CUTTLE_CONV2D(float)
CUTTLE_CONV2D(double)

}  // namespace cuttle::kernels
