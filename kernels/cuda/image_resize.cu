// Images in another size. See kernels/image_resize.h.
#include "../image_resize.h"

#include "index.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, FastDivisor, … of this folder

constexpr int kThreads = 256;

/// Weights of one output. Launch: block 256, a thread an output of a set. Bound: latency; a filter
/// of doubles twice for each input, few outputs. Deterministic.
template <class Weight>
__global__ void __launch_bounds__(kThreads)
    resize_weights_kernel(ResizeAxis axis, int64_t taps, int32_t* __restrict__ ranges,
                          Weight* __restrict__ weights) {
  const int64_t i = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  wait_for_predecessor();
  if (i >= axis.sets * axis.out) return;
  resize_weights_of(axis, i / axis.out, i % axis.out, ranges + 2 * i, weights + taps * i);
}

/// y[n,c,row,col] = Σ weight · x along the pass's dimension. Launch: block 256, a thread a result,
/// channels fastest, then columns; the grid covers n · rows · cols · c < 2³¹. Bound: memory; inputs
/// that outputs share come from the caches. Numerics: as the CPU's, the same bits. Deterministic.
template <class T>
__global__ void __launch_bounds__(kThreads)
    resize_pass_kernel(ResizePass s, FastDivisor channels, FastDivisor cols, FastDivisor rows,
                       uint32_t results, const int32_t* __restrict__ ranges,
                       const ResizeWeight<T>* __restrict__ weights, const T* __restrict__ x,
                       T* __restrict__ y) {
  uint32_t image = blockIdx.x * kThreads + threadIdx.x;
  const bool has_result = image < results;
  const int64_t c = channels.split(image), col = cols.split(image), row = rows.split(image);
  wait_for_predecessor();
  if (!has_result || s.skips(image, row)) return;
  const int64_t outs = s.vertical ? s.rows : s.cols;
  const int64_t o = (s.sets == 1 ? 0 : image * outs) + (s.vertical ? row : col);
  const int64_t stride = s.vertical ? s.from[2] : s.from[3];
  const int64_t across = s.vertical ? col * s.from[3] : row * s.from[2];
  const T* const first = x + image * s.from[0] + c * s.from[1] + across + ranges[2 * o] * stride;
  y[image * s.to[0] + c * s.to[1] + row * s.to[2] + col * s.to[3]] =
      resized(first, stride, ranges[2 * o + 1], weights + o * s.taps);
}

}  // namespace

template <class Weight>
void resize_weights(cuda::Stream stream, const ResizeAxis& axis, int32_t* ranges, Weight* weights) {
  if (axis.sets * axis.out == 0) return;
  launch_overlapping(stream, {blocks_for(axis.sets * axis.out, kThreads), kThreads},
                     resize_weights_kernel<Weight>, axis, axis.taps(), ranges, weights);
}

template <class T>
void resize_pass(cuda::Stream stream, const ResizePass& s, const int32_t* ranges,
                 const ResizeWeight<T>* weights, const T* x, T* y) {
  const int64_t results = s.n * s.rows * s.cols * s.c;
  if (results == 0) return;
  if (results > kMaxIndex - kThreads)
    fail("resize: a batch of ", s.n, " images of ", s.c, " × ", s.rows, " × ", s.cols,
         " is over the GPU kernel's limit of 2147483647 elements");
  launch_overlapping(stream, {blocks_for(results, kThreads), kThreads}, resize_pass_kernel<T>, s,
                     FastDivisor(s.c), FastDivisor(s.cols), FastDivisor(s.rows), results, ranges,
                     weights, x, y);
}

template void resize_weights(cuda::Stream, const ResizeAxis&, int32_t*, int32_t*);
template void resize_weights(cuda::Stream, const ResizeAxis&, int32_t*, float*);
template void resize_pass(cuda::Stream, const ResizePass&, const int32_t*, const int32_t*,
                          const uint8_t*, uint8_t*);
template void resize_pass(cuda::Stream, const ResizePass&, const int32_t*, const float*,
                          const float*, float*);

}  // namespace cuttle::kernels
