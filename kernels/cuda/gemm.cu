// Matrix product, hand-written. See kernels/gemm.h for the product, gemm_tile.cuh for the engine
// and vendor/gemm_cublas.cpp for cuBLAS behind the same signature.
#include "../gemm.h"

#include "../cuda_runtime.h"
#include "gemm_grid.cuh"
#include "matrix_operand.cuh"
#include "vendor/vendor.h"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, Tile, … of this folder

/// C = op(A) · op(B) (+ bias, + C), batched.
/// Layout: row-major; MatrixOperand says which way each operand runs.
/// Launch: see gemm_block; shared memory 2 · kK · (kM or kN, + 16 bytes) elements, static.
/// Bound: 2·m·n·k operations on the float32 (or float64) units; a tile of kM × kN does kM·kN / (kM
/// + kN) multiply-adds for each element it reads from L2 (64 for 128 × 128). Small products are
/// bound by latency: split-K gives them more blocks. Numerics: accumulated in T, in the order of k
/// within a split, splits in order. Deterministic.
template <class Tile, class A, class B>
__global__ void __launch_bounds__(Tile::kThreads)
    gemm_kernel(A a, B b, GemmJob<typename Tile::T> job) {
  gemm_block<Tile>(a, b, job);
}

template <class Tile, int kPack, bool kAlongA, bool kAlongB, class T>
void run(Stream stream, const GemmShape& shape, const T* a, const T* b, const GemmJob<T>& job) {
  using A = MatrixOperand<T, kPack, kAlongA>;
  using B = MatrixOperand<T, kPack, kAlongB>;
  run_gemm<Tile>(stream, gemm_kernel<Tile, A, B>,
                 A{a, job.m, job.k, shape.step_a(), shape.stride_a},
                 B{b, job.n, job.k, shape.step_b(), shape.stride_b}, job);
}

/// The four orientations; op(A) runs along k unless it is transposed, op(B) if it is.
template <class Tile, int kPack, class T>
void run_oriented(Stream stream, const GemmShape& shape, const T* a, const T* b,
                  const GemmJob<T>& job) {
  if (!shape.transpose_a && shape.transpose_b)
    run<Tile, kPack, true, true>(stream, shape, a, b, job);
  else if (!shape.transpose_a)
    run<Tile, kPack, true, false>(stream, shape, a, b, job);
  else if (shape.transpose_b)
    run<Tile, kPack, false, true>(stream, shape, a, b, job);
  else
    run<Tile, kPack, false, false>(stream, shape, a, b, job);
}

/// Whether 16-byte loads of both operands stay aligned and inside their lines.
template <class T>
bool packs_fit(const GemmShape& shape, const T* a, const T* b) {
  constexpr int64_t kPack = 16 / sizeof(T);
  const auto fits = [](int64_t row, int64_t step, int64_t batch_stride) {
    return row % kPack == 0 && step % kPack == 0 && batch_stride % kPack == 0;
  };
  return is_aligned(a) && is_aligned(b) && fits(shape.row_a(), shape.step_a(), shape.stride_a) &&
         fits(shape.row_b(), shape.step_b(), shape.stride_b);
}

template <class T>
void own_gemm(Stream stream, const GemmShape& shape, const T* a, const T* b, const T* bias, T* c) {
  GemmJob<T> job;
  job.m = static_cast<int>(shape.m);
  job.n = static_cast<int>(shape.n);
  job.k = static_cast<int>(shape.k);
  job.batch = static_cast<int>(shape.batch);
  job.c = c;
  job.ld = shape.n;
  job.batch_stride = shape.stride_c;
  job.bias = bias;
  job.accumulate = shape.accumulate;

  using Medium = Tile<T, 64, 64, 16, 4, 4>;
  if constexpr (std::is_same_v<T, float>) {
    using Large = Tile<float, 128, 128, 16, 8, 8>;
    const bool packs = packs_fit(shape, a, b);
    const int64_t large_tiles = (shape.m / 128) * (shape.n / 128) * shape.batch;
    if (packs && large_tiles >= 128) return run_oriented<Large, 4>(stream, shape, a, b, job);
    if (packs) return run_oriented<Medium, 4>(stream, shape, a, b, job);
  }
  run_oriented<Medium, 1>(stream, shape, a, b, job);
}

/// The vendor's product where there is one that is faster, else ours.
template <class T>
void gemm_floating(Stream stream, const GemmShape& shape, const T* a, const T* b, const T* bias,
                   T* c) {
  const auto own = [&] { own_gemm(stream, shape, a, b, bias, c); };
#if defined(CUTTLE_VENDOR_LIBRARIES)
  if (shape.k > 0 && gemm_by_cublas(stream, shape, a, b, bias, c, std::ref(own))) return;
#endif
  own();
}

/// C = op(A) · op(B) (+ bias, + C) of integers, batched.
/// Layout: row-major. Launch: block 256, a thread an element of C, the grid covers batch · m · n.
/// Bound: L2 and the 2·k integer operations of each thread; nothing is staged, since integer
/// products are rare and small. Numerics: wraps around. Deterministic.
template <class T>
__global__ void __launch_bounds__(256)
    gemm_integer_kernel(GemmShape s, int64_t line_a, int64_t line_b, const T* a, const T* b,
                        const T* bias, T* c) {
  const int64_t at = int64_t{blockIdx.x} * 256 + threadIdx.x;
  wait_for_predecessor();
  if (at >= s.batch * s.m * s.n) return;
  const int64_t matrix = at / (s.m * s.n), i = at / s.n % s.m, j = at % s.n;
  a += matrix * s.stride_a + (s.transpose_a ? i : i * line_a);
  b += matrix * s.stride_b + (s.transpose_b ? j * line_b : j);
  const int64_t step_a = s.transpose_a ? line_a : 1, step_b = s.transpose_b ? 1 : line_b;
  T* const out = c + matrix * s.stride_c + i * s.n + j;
  using Wide = Wrapping<T>;
  Wide sum = s.accumulate ? static_cast<Wide>(*out) : Wide(0);
  if (bias) sum += static_cast<Wide>(bias[j]);
  for (int64_t p = 0; p < s.k; ++p)
    sum += static_cast<Wide>(a[p * step_a]) * static_cast<Wide>(b[p * step_b]);
  *out = static_cast<T>(sum);
}

}  // namespace

template <class T>
void gemm(cuda::Stream stream, const GemmShape& shape, const T* a, const T* b, const T* bias,
          T* c) {
  if (shape.m == 0 || shape.n == 0 || shape.batch == 0) return;
  if (std::max({shape.m, shape.n, shape.k, shape.batch, shape.step_a(), shape.step_b()}) >
      kMaxIndex)
    fail("gemm: a dimension of (", shape.m, ", ", shape.k, ") x (", shape.k, ", ", shape.n,
         "), batch ", shape.batch, " is over the GPU kernels' limit of ", kMaxIndex);
  if constexpr (std::is_integral_v<T>) {
    launch_overlapping(stream, {blocks_for(shape.batch * shape.m * shape.n, 256), 256},
                       gemm_integer_kernel<T>, shape, shape.step_a(), shape.step_b(), a, b, bias,
                       c);
  } else {
    gemm_floating(stream, shape, a, b, bias, c);
  }
}

#define CUTTLE_INSTANTIATE(T) \
  template void gemm(cuda::Stream, const GemmShape&, const T*, const T*, const T*, T*);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)
CUTTLE_INSTANTIATE(int64_t)
CUTTLE_INSTANTIATE(int32_t)
CUTTLE_INSTANTIATE(int16_t)
CUTTLE_INSTANTIATE(int8_t)
CUTTLE_INSTANTIATE(uint8_t)

}  // namespace cuttle::kernels
