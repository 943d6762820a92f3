// Adaptive max pooling, forward and backward. See kernels/adaptive_max_pool2d.h.
#include "../adaptive_max_pool2d.h"

#include <algorithm>

#include "../resample_axis.h"
#include "index.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, FastDivisor, … of this folder
using resampling::Range;

constexpr int kThreads = 256;

/// Sizes in 32 bits, and the divisors of a launch over outputs or inputs.
struct AdaptiveGeometry {
  explicit AdaptiveGeometry(const MaxPool2dShape& s) : h(s.h), w(s.w), oh(s.oh), ow(s.ow), c(s.c) {}

  static __device__ Range share(int k, const FastDivisor& of, const FastDivisor& by) {
    return resampling::AdaptiveAxis<float>::share(k, of.divisor, by.divisor);
  }

  FastDivisor h, w, oh, ow, c;
};

/// y = the largest element of each window, index = its place h·W + w, as in adaptive_max_pool2d.h.
/// Layout: x (N,H,W,C), y and index (N,OH,OW,C). Launch: block 256, a thread an output, channels
/// fastest; the grid covers n outputs < 2³¹. Bound: memory, each array about once. Deterministic.
template <class T>
__global__ void __launch_bounds__(kThreads)
    adaptive_max_pool2d_forward_kernel(AdaptiveGeometry g, uint32_t outputs,
                                       const T* __restrict__ x, T* __restrict__ y,
                                       int32_t* __restrict__ index) {
  const uint32_t i = blockIdx.x * kThreads + threadIdx.x;
  wait_for_predecessor();
  if (i >= outputs) return;
  uint32_t n = i;
  const uint32_t channel = g.c.split(n);
  const Range cols = AdaptiveGeometry::share(g.ow.split(n), g.w, g.ow);
  const Range rows = AdaptiveGeometry::share(g.oh.split(n), g.h, g.oh);
  const int channels = g.c.divisor, width = g.w.divisor;
  const T* const image = x + int64_t{n} * g.h.divisor * width * channels + channel;
  T best = 0;
  int best_at = -1;
  for (int h = rows.first; h <= rows.last; ++h)
    for (int w = cols.first; w <= cols.last; ++w) {
      const int at = h * width + w;
      const T value = image[int64_t{at} * channels];
      if (best_at < 0 || value > best || value != value) {
        best = value;
        best_at = at;
      }
    }
  y[i] = best;
  index[i] = best_at;
}

/// dx[n,h,w,c] = Σ dy over the windows whose largest element lies at (h, w): a gather over the
/// windows that hold it, outputs rising, without atomics. Layout and launch as forward, a thread an
/// input. Bound: memory, each array about once. Deterministic.
template <class T>
__global__ void __launch_bounds__(kThreads)
    adaptive_max_pool2d_backward_kernel(AdaptiveGeometry g, uint32_t inputs,
                                        const T* __restrict__ dy, const int32_t* __restrict__ index,
                                        T* __restrict__ dx) {
  const uint32_t i = blockIdx.x * kThreads + threadIdx.x;
  wait_for_predecessor();
  if (i >= inputs) return;
  uint32_t n = i;
  const uint32_t channel = g.c.split(n);
  const int w = g.w.split(n);
  const int h = g.h.split(n);
  const Range cols = AdaptiveGeometry::share(w, g.ow, g.w);
  const Range rows = AdaptiveGeometry::share(h, g.oh, g.h);
  const int channels = g.c.divisor, out_width = g.ow.divisor;
  const int64_t image = int64_t{n} * g.oh.divisor * out_width * channels + channel;
  const int32_t here = h * static_cast<int>(g.w.divisor) + w;
  T sum = 0;
  for (int oh = rows.first; oh <= rows.last; ++oh)
    for (int ow = cols.first; ow <= cols.last; ++ow) {
      const int64_t at = image + int64_t{oh * out_width + ow} * channels;
      if (index[at] == here) sum += dy[at];
    }
  dx[i] = sum;
}

/// Calls run(images, number of the first) for slices of the batch that 32-bit indices can serve.
template <class Run>
void for_each_slice(const MaxPool2dShape& s, Run run) {
  const int64_t image = std::max(s.h * s.w, s.oh * s.ow) * s.c;
  if (image > kMaxIndex - kThreads)
    fail("adaptive_max_pool2d: images of [", s.c, ",", s.h, ",", s.w,
         "] are over the GPU kernels' limit of 2147483647 elements");
  const int64_t most = (kMaxIndex - kThreads) / image;
  for (int64_t first = 0; first < s.n; first += most) run(std::min(most, s.n - first), first);
}

}  // namespace

template <class T>
void adaptive_max_pool2d_forward(cuda::Stream stream, const MaxPool2dShape& s, const T* x, T* y,
                                 int32_t* index) {
  const int64_t outputs = s.oh * s.ow * s.c;  // of an image
  for_each_slice(s, [&](int64_t images, int64_t first) {
    launch_overlapping(stream, {blocks_for(images * outputs, kThreads), kThreads},
                       adaptive_max_pool2d_forward_kernel<T>, AdaptiveGeometry(s), images * outputs,
                       x + first * s.h * s.w * s.c, y + first * outputs, index + first * outputs);
  });
}

template <class T>
void adaptive_max_pool2d_backward(cuda::Stream stream, const MaxPool2dShape& s, const T* dy,
                                  const int32_t* index, T* dx) {
  const int64_t inputs = s.h * s.w * s.c, outputs = s.oh * s.ow * s.c;  // of an image
  for_each_slice(s, [&](int64_t images, int64_t first) {
    launch_overlapping(stream, {blocks_for(images * inputs, kThreads), kThreads},
                       adaptive_max_pool2d_backward_kernel<T>, AdaptiveGeometry(s), images * inputs,
                       dy + first * outputs, index + first * outputs, dx + first * inputs);
  });
}

#define CUTTLE_ADAPTIVE_MAX_POOL2D(T)                                                          \
  template void adaptive_max_pool2d_forward(cuda::Stream, const MaxPool2dShape&, const T*, T*, \
                                            int32_t*);                                         \
  template void adaptive_max_pool2d_backward(cuda::Stream, const MaxPool2dShape&, const T*,    \
                                             const int32_t*, T*);
CUTTLE_ADAPTIVE_MAX_POOL2D(float)
CUTTLE_ADAPTIVE_MAX_POOL2D(double)

}  // namespace cuttle::kernels
