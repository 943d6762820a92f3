// The gradients of convolution, pooled or not, on tensor cores, TF32, by mma.sync (compute
// capability 8.0 and later): the implicit GEMMs of conv2d.cu and conv2d_pool.cu in other tiles.
// They serve every shape. See kernels/conv2d.h and conv2d_pool.h.
#include "../conv2d_pool_operands.cuh"
#include "../conv2d_tensor_core.h"
#include "gemm_tile_mma.cuh"

namespace cuttle::kernels::cuda {

namespace {

/// dx (pixels, C) = V(dy) · weight, for each group; a pooled dy is expanded as it is read. A
/// gather, so no atomics. Layout: channels last; dy runs along the sum in memory, the weights along
/// c. Launch: see block_place. Bound: by counting instructions, at 5 × 5 the index arithmetic and
/// L2 loads of the gather, before the tensor cores. Numerics: see gemm_block_mma. Deterministic.
template <class Tile, class A, class B>
__global__ void __launch_bounds__(Tile::kThreads)
    conv2d_backward_input_mma_kernel(A dy, B weight, GemmJob<float> dx) {
  gemm_block_mma<Tile>(dy, weight, dx);
}

/// dweight (O, taps) and dbias = dyᵀ · (U(x), 1), for each group; a pooled dy is expanded as it is
/// read, over the pixels that lie in a window. dbias adds what rounding to TF32 leaves of dy.
/// Split-K spreads the pixels over blocks; their parts are added in a fixed order. Layout: both
/// operands run along m and n in memory. Launch, bound, numerics as above. Deterministic.
template <class Tile, class A, class B>
__global__ void __launch_bounds__(Tile::kThreads)
    conv2d_backward_weight_mma_kernel(A dy, B x, GemmJob<float> dweight) {
  gemm_block_mma<Tile>(dy, x, dweight);
}

/// Calls run.operator()<pack of dy, pack of the other operand>().
template <class Run>
void choose_packs(bool dy_packs, bool other_packs, Run run) {
  if (dy_packs && other_packs)
    run.template operator()<4, 4>();
  else if (dy_packs)
    run.template operator()<4, 1>();
  else
    run.template operator()<1, 1>();
}

bool packs_channels(int64_t channels, const void* pointer) {
  return channels % 4 == 0 && is_aligned(pointer);
}

/// Gradient: DenseGradient or PooledGradient.
template <class Gradient>
void run_backward_input(Stream stream, const Conv2dShape& s, const Gradient& dy, bool dy_packs,
                        const float* weight, float* dx) {
  const GemmJob<float> job = backward_input_job(s, dx);
  choose_packs(dy_packs, packs_channels(job.n, weight), [&]<int kPackA, int kPackB> {
    using A = UnfoldedGradient<Gradient, kPackA>;
    using B = TransposedWeight<float, kPackB>;
    const A a{dy, gradient_geometry(s), job.m, job.k};
    const B b{weight, FastDivisor(s.o / s.groups), job.n, job.k, s.kh * s.kw * job.n};
    const auto run = [&]<class Tile>(Tile) {
      run_gemm<Tile>(stream, conv2d_backward_input_mma_kernel<Tile, A, B>, a, b, job);
    };
    if (job.n <= 32)
      run(TensorCoreTile<64, 32>());
    else
      run(TensorCoreTile<64, 64>());
  });
}

/// The pixels of `geometry`'s grid are those of dy. make_rows.operator()<kPack>(): dy as A.
template <class MakeRows>
void run_backward_weight(Stream stream, const Conv2dShape& s, const ConvGeometry& geometry,
                         MakeRows make_rows, bool dy_packs, const float* x,
                         const GemmJob<float>& job) {
  const int taps = static_cast<int>(job.ld);
  choose_packs(dy_packs, packs_channels(s.c / s.groups, x), [&]<int kPackA, int kPackB> {
    const auto a = make_rows.template operator()<kPackA>();
    using A = std::remove_const_t<decltype(a)>;
    using B = WithOnes<UnfoldedInput<float, kPackB, false>>;
    const B b{{x, geometry, job.k, taps}};
    const auto run = [&]<class Tile>(Tile) {
      run_gemm<Tile>(stream, conv2d_backward_weight_mma_kernel<Tile, A, B>, a, b, job);
    };
    if (job.m <= 32)
      run(TensorCoreTile<32, 64>());
    else
      run(TensorCoreTile<64, 64>());
  });
}

}  // namespace

bool conv2d_backward_input_tensor_core(Stream stream, const Conv2dShape& s, const float* dy,
                                       const float* weight, float* dx) {
  run_backward_input(stream, s, dense_gradient(s, dy), packs_channels(s.o / s.groups, dy), weight,
                     dx);
  return true;
}

bool conv2d_pool_backward_input_tensor_core(Stream stream, const Conv2dPoolShape& shape,
                                            const float* dy, const uint8_t* index,
                                            const float* weight, float* dx) {
  const Conv2dShape& s = shape.conv;
  const bool dy_packs = packs_channels(s.o / s.groups, dy) && is_aligned(index, 4);
  run_backward_input(stream, s, pooled_gradient(shape, dy, index), dy_packs, weight, dx);
  return true;
}

bool conv2d_backward_weight_tensor_core(Stream stream, const Conv2dShape& s, const float* x,
                                        const float* dy, float* dweight, float* dbias) {
  const auto job = backward_weight_job(s, s.n * s.oh * s.ow, dweight, dbias);
  if (job.m == 0) return false;
  const auto rows = [&]<int kPack> {
    return MatrixOperand<float, kPack, false>{dy, job.m, job.k, s.o, job.m};
  };
  run_backward_weight(stream, s, input_geometry(s), rows, packs_channels(job.m, dy), x, job);
  return true;
}

bool conv2d_pool_backward_weight_tensor_core(Stream stream, const Conv2dPoolShape& shape,
                                             const float* x, const float* dy, const uint8_t* index,
                                             float* dweight, float* dbias) {
  const Conv2dShape& s = shape.conv;
  const auto job = backward_weight_job(s, s.n * 2 * shape.ph() * 2 * shape.pw(), dweight, dbias);
  if (job.m == 0) return false;
  const ConvGeometry g = window_geometry(shape, 2);
  const auto rows = [&]<int kPack> {
    return PooledGradientRows<float, kPack>{pooled_gradient(shape, dy, index), g.grid_h, g.grid_w,
                                            job.m, job.k};
  };
  const bool dy_packs = packs_channels(job.m, dy) && is_aligned(index, 4);
  run_backward_weight(stream, s, g, rows, dy_packs, x, job);
  return true;
}

}  // namespace cuttle::kernels::cuda
