// A batch from stored images. See kernels/image_window.h.
#include "../image_window.h"

#include "index.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, FastDivisor, … of this folder

constexpr int kThreads = 256;

/// One pixel of y (N, C, OH, OW) from x (stored, C, H, W), and an image's first thread its target.
/// Layout: any strides; channels-last on both sides is coalesced. Launch: block 256, a thread a
/// pixel, columns fastest; the grid covers n · oh · ow < 2³¹. Bound: memory, each pixel read and
/// written once, and beside it the image's draws, which each of its threads makes again (a block of
/// Philox is 20 wide products). Numerics: a table's values, or none. Deterministic.
template <class From, class T>
__global__ void __launch_bounds__(kThreads)
    image_window_kernel(ImageWindow s, FastDivisor ow, FastDivisor oh, uint32_t pixels,
                        const From* __restrict__ x, const int64_t* __restrict__ stored_target,
                        T* __restrict__ y, int64_t* __restrict__ target) {
  uint32_t image = blockIdx.x * kThreads + threadIdx.x;
  const bool has_pixel = image < pixels;
  const int64_t col = ow.split(image), row = oh.split(image);
  wait_for_predecessor();
  if (!has_pixel) return;
  const int64_t stored = s.order == nullptr ? int64_t{image} : s.order[image];
  const ImagePlacement place(s, image);
  write_window_pixel(s, place, row, col, x + stored * s.from[0],
                     y + image * s.to[0] + row * s.to[2] + col * s.to[3]);
  if (target != nullptr && row == 0 && col == 0) target[image] = stored_target[stored];
}

}  // namespace

template <class From, class T>
void image_window(cuda::Stream stream, const ImageWindow& s, const From* x,
                  const int64_t* stored_target, T* y, int64_t* target) {
  const int64_t pixels = s.n * s.oh * s.ow;
  if (pixels == 0) return;
  if (pixels > kMaxIndex - kThreads)
    fail("a batch of ", s.n, " images of ", s.oh, " × ", s.ow,
         " is over the GPU kernel's limit of 2147483647 pixels");
  launch_overlapping(stream, {blocks_for(pixels, kThreads), kThreads}, image_window_kernel<From, T>,
                     s, FastDivisor(s.ow), FastDivisor(s.oh), pixels, x, stored_target, y, target);
}

#define CUTTLE_INSTANTIATE(From, T)                                                             \
  template void image_window(cuda::Stream, const ImageWindow&, const From*, const int64_t*, T*, \
                             int64_t*);
CUTTLE_INSTANTIATE(uint8_t, float)
CUTTLE_INSTANTIATE(uint8_t, Half)
CUTTLE_INSTANTIATE(uint8_t, BFloat16)
CUTTLE_INSTANTIATE(uint8_t, uint8_t)
CUTTLE_INSTANTIATE(float, float)

}  // namespace cuttle::kernels
