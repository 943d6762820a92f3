// A batch from stored images on the CPU: rows of the result, shared out among threads.
#include "../image_window.h"

#include "../half.h"
#include "parallel.h"

namespace cuttle::kernels {

template <class From, class T>
void image_window(cpu::Stream, const ImageWindow& s, const From* x, const int64_t* stored_target,
                  T* y, int64_t* target) {
  // A pixel costs as much as some of the elements that a grain is counted in.
  const int64_t grain = cpu::grain_units(4 * s.c * s.ow);
  cpu::parallel_for(s.n * s.oh, grain, [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end;) {
      const int64_t i = line / s.oh, last = std::min(end, (i + 1) * s.oh);
      const ImagePlacement place(s, i);
      const From* const image = x + (s.order == nullptr ? i : s.order[i]) * s.from[0];
      for (; line < last; ++line) {
        const int64_t row = line - i * s.oh;
        T* const to = y + i * s.to[0] + row * s.to[2];
        for (int64_t col = 0; col < s.ow; ++col)
          write_window_pixel(s, place, row, col, image, to + col * s.to[3]);
      }
    }
  });
  if (target == nullptr) return;
  for (int64_t i = 0; i < s.n; ++i) target[i] = stored_target[s.order == nullptr ? i : s.order[i]];
}

#define CUTTLE_INSTANTIATE(From, T)                                                            \
  template void image_window(cpu::Stream, const ImageWindow&, const From*, const int64_t*, T*, \
                             int64_t*);
CUTTLE_INSTANTIATE(uint8_t, float)
CUTTLE_INSTANTIATE(uint8_t, Half)
CUTTLE_INSTANTIATE(uint8_t, BFloat16)
CUTTLE_INSTANTIATE(uint8_t, uint8_t)
CUTTLE_INSTANTIATE(float, float)

}  // namespace cuttle::kernels
