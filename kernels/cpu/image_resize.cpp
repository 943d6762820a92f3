// Images in another size on the CPU: rows of the result, shared out among threads.
#include "../image_resize.h"

#include "parallel.h"

namespace cuttle::kernels {

template <class Weight>
void resize_weights(cpu::Stream, const ResizeAxis& axis, int32_t* ranges, Weight* weights) {
  const int64_t taps = axis.taps();
  cpu::parallel_for(
      axis.sets * axis.out, cpu::grain_units(10 * taps), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
          resize_weights_of(axis, i / axis.out, i % axis.out, ranges + 2 * i, weights + taps * i);
      });
}

template <class T>
void resize_pass(cpu::Stream, const ResizePass& s, const int32_t* ranges,
                 const ResizeWeight<T>* weights, const T* x, T* y) {
  const int64_t outs = s.vertical ? s.rows : s.cols, stride = s.from[s.vertical ? 2 : 3];
  cpu::parallel_for(
      s.n * s.rows, cpu::grain_units(s.cols * s.c * s.taps), [&](int64_t begin, int64_t end) {
        for (int64_t line = begin; line < end; ++line) {
          const int64_t image = line / s.rows, row = line % s.rows;
          if (s.skips(image, row)) continue;
          const int64_t set = s.sets == 1 ? 0 : image * outs;
          const T* const from = x + image * s.from[0] + (s.vertical ? 0 : row * s.from[2]);
          T* const to = y + image * s.to[0] + row * s.to[2];
          for (int64_t col = 0; col < s.cols; ++col) {
            const int64_t o = set + (s.vertical ? row : col);
            const int32_t* const range = ranges + 2 * o;
            const T* const first = from + range[0] * stride + (s.vertical ? col * s.from[3] : 0);
            for (int64_t c = 0; c < s.c; ++c)
              to[col * s.to[3] + c * s.to[1]] =
                  resized(first + c * s.from[1], stride, range[1], weights + o * s.taps);
          }
        }
      });
}

template void resize_weights(cpu::Stream, const ResizeAxis&, int32_t*, int32_t*);
template void resize_weights(cpu::Stream, const ResizeAxis&, int32_t*, float*);
template void resize_pass(cpu::Stream, const ResizePass&, const int32_t*, const int32_t*,
                          const uint8_t*, uint8_t*);
template void resize_pass(cpu::Stream, const ResizePass&, const int32_t*, const float*,
                          const float*, float*);

}  // namespace cuttle::kernels
