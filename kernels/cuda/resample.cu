// Resampling, forward and backward. See kernels/resample.h.
#include "../resample.h"

#include <algorithm>

#include "../resample_axis.h"
#include "index.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, FastDivisor, … of this folder

constexpr int kThreads = 256;

/// The sizes of a launch: results (N, TH, TW, C) from images (FH, FW, C).
struct ResampleSizes {
  FastDivisor c, to_w, to_h;
  int from_h, from_w;
};

/// to[n,h,w,c] = Σ weights · from, divided, as in resample.h. Walk: resampling::Forward or Backward
/// of the mode's axis; a gather both ways, so there are no atomics and the order of additions is
/// that of the sources. Layout: channels last. Launch: block 256, a thread a result, channels
/// fastest, so that a warp reads and writes neighbouring channels; the grid covers n results < 2³¹.
/// Bound: memory, results once, sources once and again from the caches. Deterministic.
template <class Walk, class T>
__global__ void __launch_bounds__(kThreads, 4)
    resample_kernel(Walk height, Walk width, ResampleSizes sizes, uint32_t results,
                    const T* __restrict__ from, T* __restrict__ to) {
  const uint32_t i = blockIdx.x * kThreads + threadIdx.x;
  wait_for_predecessor();
  if (i >= results) return;
  uint32_t n = i;
  const uint32_t channel = sizes.c.split(n);
  const int w = sizes.to_w.split(n);
  const int h = sizes.to_h.split(n);
  const int channels = sizes.c.divisor;
  const T* const image = from + int64_t{n} * sizes.from_h * sizes.from_w * channels + channel;

  const resampling::Range rows = height.sources(h), cols = width.sources(w);
  T sum = 0;
  for (int r = rows.first; r <= rows.last; ++r) {
    const T of_row = height.weight(h, r);
    if (of_row == T(0)) continue;
    const T* const row = image + int64_t{r} * sizes.from_w * channels;
    for (int s = cols.first; s <= cols.last; ++s) {
      const T of_col = width.weight(w, s);
      if (of_col != T(0)) sum += of_row * of_col * row[int64_t{s} * channels];
    }
  }
  to[i] = sum / (height.divisor(h) * width.divisor(w));
}

template <class T>
void run(Stream stream, const ResampleShape& s, bool backward, const T* from, T* to) {
  const ResampleAxis &h = s.height, &w = s.width;
  const int64_t outer = h.out * w.out * s.c, inner = h.in * w.in * s.c;
  const int64_t of_from = backward ? outer : inner, of_to = backward ? inner : outer;
  if (s.n * of_to == 0) return;
  const int64_t largest =
      std::max({outer, inner, h.out * h.stride + h.kernel, w.out * w.stride + w.kernel});
  if (largest > kMaxIndex - kThreads)
    fail("pooling and interpolation: images of [", s.c, ",", h.in, ",", w.in, "] to [", s.c, ",",
         h.out, ",", w.out, "] are over the GPU kernels' limit of 2147483647 elements");
  const ResampleSizes sizes = {
      FastDivisor(s.c), FastDivisor(backward ? w.in : w.out), FastDivisor(backward ? h.in : h.out),
      static_cast<int>(backward ? h.out : h.in), static_cast<int>(backward ? w.out : w.in)};
  const int64_t most = (kMaxIndex - kThreads) / largest;  // images that 32-bit indices can serve
  resampling::visit<T>(s, backward, [&]<class Walk>(const Walk& height, const Walk& width) {
    for (int64_t first = 0; first < s.n; first += most) {
      const int64_t results = std::min(most, s.n - first) * of_to;
      launch_overlapping(stream, {blocks_for(results, kThreads), kThreads},
                         resample_kernel<Walk, T>, height, width, sizes, results,
                         from + first * of_from, to + first * of_to);
    }
  });
}

}  // namespace

template <class T>
void resample_forward(cuda::Stream stream, const ResampleShape& shape, const T* x, T* y) {
  run(stream, shape, false, x, y);
}

template <class T>
void resample_backward(cuda::Stream stream, const ResampleShape& shape, const T* dy, T* dx) {
  run(stream, shape, true, dy, dx);
}

#define CUTTLE_RESAMPLE(T)                                                          \
  template void resample_forward(cuda::Stream, const ResampleShape&, const T*, T*); \
  template void resample_backward(cuda::Stream, const ResampleShape&, const T*, T*);
CUTTLE_RESAMPLE(float)
CUTTLE_RESAMPLE(double)

}  // namespace cuttle::kernels
