// Convolution on the CPU: oneDNN for float, direct loops for double and for what oneDNN lacks.
#include "../conv2d.h"

#include <type_traits>

#include "conv2d_direct.h"
#include "conv2d_onednn.h"
#include "conv2d_weight_parts.h"

namespace cuttle::kernels {
namespace {

template <class T>
inline constexpr bool kHasOnednn = std::is_same_v<T, float>;

/// True where no product is to be formed at all.
bool is_empty(const Conv2dShape& s) {
  return s.n * s.oh * s.ow * s.o == 0 || s.c * s.kh * s.kw * s.h * s.w == 0;
}

}  // namespace

template <class T>
void conv2d_forward(cpu::Stream, const Conv2dShape& shape, const T* x, const T* weight,
                    const T* bias, T* y) {
  if constexpr (kHasOnednn<T>)
    if (!is_empty(shape) && cpu::conv2d_forward_onednn(shape, x, weight, bias, y)) return;
  cpu::conv2d_forward_direct(shape, x, weight, bias, y);
}

template <class T>
void conv2d_backward_input(cpu::Stream, const Conv2dShape& shape, const T* dy, const T* weight,
                           T* dx) {
  if constexpr (kHasOnednn<T>)
    if (!is_empty(shape) && cpu::conv2d_backward_input_onednn(shape, dy, weight, dx)) return;
  cpu::conv2d_backward_input_direct(shape, dy, weight, dx);
}

template <class T>
void conv2d_backward_weight(cpu::Stream, const Conv2dShape& shape, const T* x, const T* dy,
                            T* dweight, T* dbias) {
  if constexpr (kHasOnednn<T>)
    if (!is_empty(shape) && cpu::conv2d_backward_weight_in_parts(shape, x, dy, dweight, dbias))
      return;
  cpu::conv2d_backward_weight_direct(shape, x, dy, dweight, dbias);
}

#define CUTTLE_INSTANTIATE(T)                                                                      \
  template void conv2d_forward<T>(cpu::Stream, const Conv2dShape&, const T*, const T*, const T*,   \
                                  T*);                                                             \
  template void conv2d_backward_input<T>(cpu::Stream, const Conv2dShape&, const T*, const T*, T*); \
  template void conv2d_backward_weight<T>(cpu::Stream, const Conv2dShape&, const T*, const T*, T*, \
                                          T*);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)

}  // namespace cuttle::kernels
