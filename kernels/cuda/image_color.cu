// Colours of images. See kernels/image_color.h.
#include "../image_color.h"

#include "group_reduce.cuh"
#include "index.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, ThreadGroup, … of this folder

constexpr int kThreads = 256;

/// y from x, image by image. Launch: a block of 256 an image; with contrast the image is gone
/// through twice, first for its mean gray before it. Bound: memory for few changes, else
/// arithmetic: hue takes seven divisions a pixel. Numerics: every operation rounded once, as on the
/// CPU; the mean is a sum of whole numbers. Deterministic.
template <class T>
__global__ void __launch_bounds__(kThreads)
    image_color_kernel(ImageColor s, FastDivisor cols, const T* __restrict__ x, T* __restrict__ y) {
  const ThreadGroup<kThreads> group(kThreads);
  const int64_t image = blockIdx.x;
  const auto pixels = static_cast<uint32_t>(s.h * s.w);
  wait_for_predecessor();
  const auto place = [&](uint32_t row) {
    const int64_t col = cols.split(row);
    return image * s.strides[0] + row * s.strides[2] + col * s.strides[3];
  };
  const ColorDraw draw(s, image);
  int64_t units = 0;
  if (s.has[static_cast<int>(ColorChange::contrast)]) {
    for (uint32_t p = threadIdx.x; p < pixels; p += kThreads)
      units += gray_units(s, with_changes(s, draw, true, T(0), load_color(s, x + place(p))));
    units = group.reduce(units, Plus());
  }
  const T mean = mean_gray<T>(s, units);
  for (uint32_t p = threadIdx.x; p < pixels; p += kThreads) {
    const int64_t at = place(p);
    const Color<T> out = with_changes(s, draw, false, mean, load_color(s, x + at));
    CUTTLE_UNROLL
    for (int c = 0; c < 3; ++c)
      if (c < s.c) y[at + c * s.strides[1]] = out.at[c];
  }
}

}  // namespace

template <class T>
void image_color(cuda::Stream stream, const ImageColor& s, const T* x, T* y) {
  if (s.n * s.h * s.w == 0) return;
  if (s.h * s.w > kMaxIndex - kThreads)
    fail("ColorJitter: images of ", s.h, " × ", s.w,
         " are over the GPU kernel's limit of 2147483647 pixels");
  launch_overlapping(stream, {blocks_for(s.n, 1), kThreads}, image_color_kernel<T>, s,
                     FastDivisor(s.w), x, y);
}

template void image_color(cuda::Stream, const ImageColor&, const uint8_t*, uint8_t*);
template void image_color(cuda::Stream, const ImageColor&, const float*, float*);

}  // namespace cuttle::kernels
