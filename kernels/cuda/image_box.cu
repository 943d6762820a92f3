// Random boxes in images, and their erasing. See kernels/image_box.h.
#include "../image_box.h"

#include "index.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, FastDivisor, … of this folder

constexpr int kThreads = 256;

/// Launch: block 256, a thread an image. Bound: latency; doubles, for one draw of most images and
/// ten at most. Numerics: every operation rounded once, as on the CPU. Deterministic.
__global__ void __launch_bounds__(kThreads)
    image_boxes_kernel(ImageBoxes s, int64_t* __restrict__ boxes) {
  const int64_t image = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  wait_for_predecessor();
  if (image >= s.n) return;
  const ImageBox box = draw_box(s, image);
  boxes[4 * image] = box.top;
  boxes[4 * image + 1] = box.left;
  boxes[4 * image + 2] = box.height;
  boxes[4 * image + 3] = box.width;
}

/// y = x, or what the boxes hold. Launch: block 256, a thread an element, channels fastest, then
/// columns; the grid covers n · c · h · w < 2³¹. Bound: memory; within boxes of normal numbers
/// arithmetic, a block of Philox for each element. Deterministic.
__global__ void __launch_bounds__(kThreads)
    image_erase_kernel(ImageErase s, FastDivisor channels, FastDivisor cols, FastDivisor rows,
                       uint32_t elements, const float* __restrict__ x, float* __restrict__ y) {
  uint32_t image = blockIdx.x * kThreads + threadIdx.x;
  const bool has_element = image < elements;
  const int64_t c = channels.split(image), col = cols.split(image), row = rows.split(image);
  wait_for_predecessor();
  if (!has_element) return;
  const int64_t at =
      image * s.strides[0] + c * s.strides[1] + row * s.strides[2] + col * s.strides[3];
  y[at] = is_erased(s, image, row, col) ? erased_value(s, image, c, row, col) : x[at];
}

}  // namespace

void image_boxes(cuda::Stream stream, const ImageBoxes& s, int64_t* boxes) {
  if (s.n == 0) return;
  launch_overlapping(stream, {blocks_for(s.n, kThreads), kThreads}, image_boxes_kernel, s, boxes);
}

void image_erase(cuda::Stream stream, const ImageErase& s, const float* x, float* y) {
  const int64_t elements = s.n * s.c * s.h * s.w;
  if (elements == 0) return;
  if (elements > kMaxIndex - kThreads)
    fail("RandomErasing: a batch of ", s.n, " images of ", s.c, " × ", s.h, " × ", s.w,
         " is over the GPU kernel's limit of 2147483647 elements");
  launch_overlapping(stream, {blocks_for(elements, kThreads), kThreads}, image_erase_kernel, s,
                     FastDivisor(s.c), FastDivisor(s.w), FastDivisor(s.h), elements, x, y);
}

}  // namespace cuttle::kernels
