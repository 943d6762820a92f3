// Convolution, hand-written: forward and the gradients of input, weight and bias as implicit GEMMs
// on the engine of gemm_tile.cuh. See kernels/conv2d.h; vendor/conv2d_cudnn.cpp is cuDNN behind the
// same signatures.
#include "../conv2d.h"

#include "../cuda_runtime.h"
#include "../reduce.h"
#include "conv2d_gemm.cuh"
#include "conv2d_tensor_core.h"
#include "vendor/vendor.h"

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
/// N·OH·OW; with one column more, of ones, whose product is dbias. A small result and a long sum:
/// split-K spreads the pixels over blocks (up to 128 parts of the result in scratch memory), added
/// in a fixed order. Both operands run along m and n in memory.
template <class Tile, class A, class B>
__global__ void __launch_bounds__(Tile::kThreads, 3)
    conv2d_backward_weight_kernel(A dy, B x, GemmJob<typename Tile::T> dweight) {
  gemm_block<Tile>(dy, x, dweight);
}

template <class T>
void own_forward(Stream stream, const Conv2dShape& s, const T* x, const T* weight, const T* bias,
                 T* y) {
  if constexpr (std::is_same_v<T, float>)
    if (tensor_cores_allowed(stream) &&
        conv2d_forward_tensor_core(stream, s, false, x, weight, bias, y))
      return;
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
void own_backward_input(Stream stream, const Conv2dShape& s, const T* dy, const T* weight, T* dx) {
  if constexpr (std::is_same_v<T, float>)
    if (tensor_cores_allowed(stream) &&
        conv2d_backward_input_tensor_core(stream, s, dy, weight, dx))
      return;
  const GemmJob<T> job = backward_input_job(s, dx);
  choose_tile<T>(job.m, job.n, packs_fit<T>(s, dy, weight), [&]<class Tile, int kPack> {
    using A = UnfoldedGradient<DenseGradient<T>, kPack>;
    using B = TransposedWeight<T, kPack>;
    run_gemm<Tile>(stream, conv2d_backward_input_kernel<Tile, A, B>,
                   A{dense_gradient(s, dy), gradient_geometry(s), job.m, job.k},
                   B{weight, FastDivisor(s.o / s.groups), job.n, job.k, s.kh * s.kw * job.n}, job);
  });
}

template <class T>
void own_backward_weight(Stream stream, const Conv2dShape& s, const T* x, const T* dy, T* dweight,
                         T* dbias) {
  const int64_t taps = s.kh * s.kw * (s.c / s.groups), pixels = s.n * s.oh * s.ow;
  if constexpr (std::is_same_v<T, float>)
    if (taps > 0 && pixels > 0 && tensor_cores_allowed(stream) &&
        conv2d_backward_weight_tensor_core(stream, s, x, dy, dweight, dbias))
      return;
  const GemmJob<T> job = backward_weight_job(s, pixels, dweight, dbias);
  if (job.m == 0 || job.n == 0) return;
  const auto run = [&]<int kPack> {
    using A = MatrixOperand<T, kPack, false>;
    using B = WithOnes<UnfoldedInput<T, kPack, false>>;
    run_gemm<Medium<T>>(stream, conv2d_backward_weight_kernel<Medium<T>, A, B>,
                        A{dy, job.m, job.k, s.o, job.m},
                        B{{x, input_geometry(s), job.k, static_cast<int>(taps)}}, job);
  };
  if constexpr (std::is_same_v<T, float>)
    if (packs_fit<T>(s, x, dy)) return run.template operator()<4>();
  run.template operator()<1>();
}

}  // namespace

template <class T>
void conv2d_forward(cuda::Stream stream, const Conv2dShape& s, const T* x, const T* weight,
                    const T* bias, T* y) {
  if (s.n * s.oh * s.ow * s.o == 0) return;
  check_limits(s);
  const auto own = [&] { own_forward(stream, s, x, weight, bias, y); };
#if defined(CUTTLE_VENDOR_LIBRARIES)
  if (conv2d_forward_cudnn(stream, s, x, weight, bias, y, std::ref(own))) return;
#endif
  own();
}

template <class T>
void conv2d_backward_input(cuda::Stream stream, const Conv2dShape& s, const T* dy, const T* weight,
                           T* dx) {
  if (s.n * s.h * s.w * s.c == 0) return;
  check_limits(s);
  const auto own = [&] { own_backward_input(stream, s, dy, weight, dx); };
#if defined(CUTTLE_VENDOR_LIBRARIES)
  if (conv2d_backward_input_cudnn(stream, s, dy, weight, dx, std::ref(own))) return;
#endif
  own();
}

template <class T>
void conv2d_backward_weight(cuda::Stream stream, const Conv2dShape& s, const T* x, const T* dy,
                            T* dweight, T* dbias) {
  check_limits(s);
  const auto own = [&] { own_backward_weight(stream, s, x, dy, dweight, dbias); };
#if defined(CUTTLE_VENDOR_LIBRARIES)
  if (conv2d_backward_weight_cudnn(stream, s, x, dy, dweight, std::ref(own))) {
    if (dbias != nullptr)  // the sum of dy over its pixels
      reduce(stream, ReduceOp::sum, 0, {{1, {s.o}, {{1}, {1}}}, {1, {s.n * s.oh * s.ow}, {{s.o}}}},
             dy, {dbias});
    return;
  }
#endif
  own();
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
