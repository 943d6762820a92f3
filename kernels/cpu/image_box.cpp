// Random boxes in images, and their erasing, on the CPU.
#include "../image_box.h"

#include "parallel.h"

namespace cuttle::kernels {

void image_boxes(cpu::Stream, const ImageBoxes& s, int64_t* boxes) {
  for (int64_t i = 0; i < s.n; ++i) {
    const ImageBox box = draw_box(s, i);
    const int64_t all[4] = {box.top, box.left, box.height, box.width};
    std::copy_n(all, 4, boxes + 4 * i);
  }
}

void image_erase(cpu::Stream, const ImageErase& s, const float* x, float* y) {
  cpu::parallel_for(s.n * s.h, cpu::grain_units(s.c * s.w), [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line) {
      const int64_t image = line / s.h, row = line % s.h;
      for (int64_t col = 0; col < s.w; ++col) {
        const bool erased = is_erased(s, image, row, col);
        for (int64_t c = 0; c < s.c; ++c) {
          const int64_t at =
              image * s.strides[0] + c * s.strides[1] + row * s.strides[2] + col * s.strides[3];
          y[at] = erased ? erased_value(s, image, c, row, col) : x[at];
        }
      }
    }
  });
}

}  // namespace cuttle::kernels
