// Max pooling, forward and backward. See kernels/max_pool2d.h.
#include "../max_pool2d.h"

#include <algorithm>

#include "index.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, FastDivisor, … of this folder

constexpr int kThreads = 256;

/// MaxPool2dShape in 32 bits, with its divisors.
struct PoolGeometry {
  explicit PoolGeometry(const MaxPool2dShape& s)
      : h(static_cast<int>(s.h)),
        w(static_cast<int>(s.w)),
        c(s.c),
        kh(static_cast<int>(s.kh)),
        kw(static_cast<int>(s.kw)),
        oh(s.oh),
        ow(s.ow),
        in_h(s.h),
        in_w(s.w),
        stride_h(s.stride_h),
        stride_w(s.stride_w),
        padding_h(static_cast<int>(s.padding_h)),
        padding_w(static_cast<int>(s.padding_w)),
        dilation_h(static_cast<int>(s.dilation_h)),
        dilation_w(static_cast<int>(s.dilation_w)) {}

  int h, w;
  FastDivisor c;
  int kh, kw;
  FastDivisor oh, ow, in_h, in_w, stride_h, stride_w;
  int padding_h, padding_w, dilation_h, dilation_w;
};

/// y = the largest element of each window, index = its place h·W + w: the first one of equals, a
/// NaN before all, the last one of several. Layout: x (N,H,W,C), y and index (N,OH,OW,C). index may
/// be nullptr. Launch: block 256, a thread an output, channels fastest, so that a warp reads and
/// writes neighbouring channels; the grid covers n outputs < 2³¹. Bound: memory; x once (windows
/// that overlap meet in the caches), y and index once. Deterministic.
template <class T>
__global__ void __launch_bounds__(kThreads)
    max_pool2d_forward_kernel(PoolGeometry g, uint32_t outputs, const T* __restrict__ x,
                              T* __restrict__ y, int32_t* __restrict__ index) {
  const uint32_t i = blockIdx.x * kThreads + threadIdx.x;
  wait_for_predecessor();
  if (i >= outputs) return;
  uint32_t n = i;
  const uint32_t channel = g.c.split(n);
  const int ow = g.ow.split(n);
  const int oh = g.oh.split(n);
  const int channels = g.c.divisor;
  const T* const image = x + int64_t{n} * g.h * g.w * channels + channel;

  T best = 0;
  int best_at = -1;
  for (int i_h = 0; i_h < g.kh; ++i_h) {
    const int h = oh * static_cast<int>(g.stride_h.divisor) - g.padding_h + i_h * g.dilation_h;
    if (h < 0 || h >= g.h) continue;
    for (int i_w = 0; i_w < g.kw; ++i_w) {
      const int w = ow * static_cast<int>(g.stride_w.divisor) - g.padding_w + i_w * g.dilation_w;
      if (w < 0 || w >= g.w) continue;
      const int at = h * g.w + w;
      const T value = image[int64_t{at} * channels];
      if (best_at < 0 || value > best || value != value) {
        best = value;
        best_at = at;
      }
    }
  }
  y[i] = best;
  if (index != nullptr) index[i] = best_at;
}

/// dx[n,h,w,c] = Σ dy over the windows whose largest element lies at (h, w).
/// A gather: each thread looks at every window that could hold its element, so there are no atomics
/// and the order of additions is that of the outputs. Deterministic.
/// Layout: dx (N,H,W,C); dy and index (N,OH,OW,C).
/// Launch: block 256, a thread an input, channels fastest; the grid covers n inputs < 2³¹.
/// Bound: memory; dx written once, dy and index read once where windows do not overlap, else
/// KH·KW / (stride_h·stride_w) times, from the caches.
template <class T>
__global__ void __launch_bounds__(kThreads)
    max_pool2d_backward_kernel(PoolGeometry g, uint32_t inputs, const T* __restrict__ dy,
                               const int32_t* __restrict__ index, T* __restrict__ dx) {
  const uint32_t i = blockIdx.x * kThreads + threadIdx.x;
  wait_for_predecessor();
  if (i >= inputs) return;
  uint32_t n = i;
  const uint32_t channel = g.c.split(n);
  const int w = g.in_w.split(n);
  const int h = g.in_h.split(n);
  const int channels = g.c.divisor;
  const int32_t here = h * g.w + w;
  const int64_t image = int64_t{n} * g.oh.divisor * g.ow.divisor * channels + channel;

  T sum = 0;
  for (int i_h = g.kh - 1; i_h >= 0; --i_h) {
    const int from_top = h + g.padding_h - i_h * g.dilation_h;  // oh · stride, if there is such oh
    if (from_top < 0) continue;
    uint32_t oh = from_top;
    if (g.stride_h.split(oh) != 0 || oh >= g.oh.divisor) continue;
    for (int i_w = g.kw - 1; i_w >= 0; --i_w) {
      const int from_left = w + g.padding_w - i_w * g.dilation_w;
      if (from_left < 0) continue;
      uint32_t ow = from_left;
      if (g.stride_w.split(ow) != 0 || ow >= g.ow.divisor) continue;
      const int64_t at = image + (int64_t{oh} * g.ow.divisor + ow) * channels;
      if (index[at] == here) sum += dy[at];
    }
  }
  dx[i] = sum;
}

/// y[n,oh,ow,c] = x at the place index[n,oh,ow,c] of its plane: the backward's own derivative.
/// Layout: x (N,H,W,C), y and index (N,OH,OW,C). Launch: block 256, a thread an output, channels
/// fastest; the grid covers n outputs < 2³¹. Bound: memory; index and y once, x where index points.
/// Deterministic.
template <class T>
__global__ void __launch_bounds__(kThreads)
    max_pool2d_pick_kernel(PoolGeometry g, uint32_t outputs, const T* __restrict__ x,
                           const int32_t* __restrict__ index, T* __restrict__ y) {
  const uint32_t i = blockIdx.x * kThreads + threadIdx.x;
  wait_for_predecessor();
  if (i >= outputs) return;
  uint32_t n = i;
  const uint32_t channel = g.c.split(n);
  g.ow.split(n);
  g.oh.split(n);
  y[i] = x[(int64_t{n} * g.h * g.w + index[i]) * g.c.divisor + channel];
}

/// Calls run(images, offset of the first) for slices of the batch that 32-bit indices can serve.
template <class Run>
void for_each_slice(const MaxPool2dShape& s, Run run) {
  const int64_t image = std::max(s.h * s.w, s.oh * s.ow) * s.c;
  const int64_t extent =
      std::max(s.oh * s.stride_h + s.kh * s.dilation_h, s.ow * s.stride_w + s.kw * s.dilation_w);
  if (image > kMaxIndex - kThreads || extent > kMaxIndex)
    fail("max_pool2d: images of [", s.c, ",", s.h, ",", s.w,
         "] are over the GPU kernels' limit of 2147483647 elements");
  const int64_t most = (kMaxIndex - kThreads) / image;
  for (int64_t first = 0; first < s.n; first += most) run(std::min(most, s.n - first), first);
}

}  // namespace

template <class T>
void max_pool2d_forward(cuda::Stream stream, const MaxPool2dShape& s, const T* x, T* y,
                        int32_t* index) {
  const int64_t outputs = s.oh * s.ow * s.c;  // of an image
  if (s.n * outputs == 0) return;
  for_each_slice(s, [&](int64_t images, int64_t first) {
    launch_overlapping(stream, {blocks_for(images * outputs, kThreads), kThreads},
                       max_pool2d_forward_kernel<T>, PoolGeometry(s), images * outputs,
                       x + first * s.h * s.w * s.c, y + first * outputs,
                       index == nullptr ? nullptr : index + first * outputs);
  });
}

template <class T>
void max_pool2d_backward(cuda::Stream stream, const MaxPool2dShape& s, const T* dy,
                         const int32_t* index, T* dx) {
  const int64_t inputs = s.h * s.w * s.c;  // of an image
  const int64_t outputs = s.oh * s.ow * s.c;
  if (s.n * inputs == 0) return;
  for_each_slice(s, [&](int64_t images, int64_t first) {
    launch_overlapping(stream, {blocks_for(images * inputs, kThreads), kThreads},
                       max_pool2d_backward_kernel<T>, PoolGeometry(s), images * inputs,
                       dy + first * outputs, index + first * outputs, dx + first * inputs);
  });
}

template <class T>
void max_pool2d_pick(cuda::Stream stream, const MaxPool2dShape& s, const T* x, const int32_t* index,
                     T* y) {
  const int64_t outputs = s.oh * s.ow * s.c;  // of an image
  if (s.n * outputs == 0) return;
  for_each_slice(s, [&](int64_t images, int64_t first) {
    launch_overlapping(stream, {blocks_for(images * outputs, kThreads), kThreads},
                       max_pool2d_pick_kernel<T>, PoolGeometry(s), images * outputs,
                       x + first * s.h * s.w * s.c, index + first * outputs, y + first * outputs);
  });
}

#define CUTTLE_MAX_POOL2D(T)                                                                       \
  template void max_pool2d_forward(cuda::Stream, const MaxPool2dShape&, const T*, T*, int32_t*);   \
  template void max_pool2d_backward(cuda::Stream, const MaxPool2dShape&, const T*, const int32_t*, \
                                    T*);                                                           \
  template void max_pool2d_pick(cuda::Stream, const MaxPool2dShape&, const T*, const int32_t*, T*);
CUTTLE_MAX_POOL2D(float)
CUTTLE_MAX_POOL2D(double)

}  // namespace cuttle::kernels
