// Colours of images on the CPU: images, shared out among threads.
#include "../image_color.h"

#include "parallel.h"

namespace cuttle::kernels {

template <class T>
void image_color(cpu::Stream, const ImageColor& s, const T* x, T* y) {
  const bool has_contrast = s.has[static_cast<int>(ColorChange::contrast)];
  // A pixel costs as much as a hundred of the elements that a grain is counted in.
  cpu::parallel_for(s.n, cpu::grain_units(100 * s.h * s.w), [&](int64_t begin, int64_t end) {
    for (int64_t image = begin; image < end; ++image) {
      const ColorDraw draw(s, image);
      const auto each_pixel = [&](auto&& f) {
        for (int64_t row = 0; row < s.h; ++row)
          for (int64_t col = 0; col < s.w; ++col)
            f(image * s.strides[0] + row * s.strides[2] + col * s.strides[3]);
      };
      int64_t units = 0;
      if (has_contrast)
        each_pixel([&](int64_t at) {
          units += gray_units(s, with_changes(s, draw, true, T(0), load_color(s, x + at)));
        });
      const T mean = mean_gray<T>(s, units);
      each_pixel([&](int64_t at) {
        const Color<T> out = with_changes(s, draw, false, mean, load_color(s, x + at));
        for (int64_t c = 0; c < s.c; ++c) y[at + c * s.strides[1]] = out.at[c];
      });
    }
  });
}

template void image_color(cpu::Stream, const ImageColor&, const uint8_t*, uint8_t*);
template void image_color(cpu::Stream, const ImageColor&, const float*, float*);

}  // namespace cuttle::kernels
