// Convolution on the CPU: oneDNN for float and BFloat16, direct loops for double and for what
// oneDNN lacks.
#include "../conv2d.h"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "conv2d_direct.h"
#include "conv2d_onednn.h"
#include "conv2d_weight_parts.h"
#include "conv2d_winograd.h"

namespace cuttle::kernels {
namespace {

template <class T>
inline constexpr bool kHasOnednn = !std::is_same_v<T, double>;

/// True where no product is to be formed at all.
bool is_empty(const Conv2dShape& s) {
  return s.n * s.oh * s.ow * s.o == 0 || s.c * s.kh * s.kw * s.h * s.w == 0;
}

// What oneDNN lacks for BFloat16 is rare, so that a copy in float is made of it.
using Floats = std::vector<float>;

Floats as_floats(const BFloat16* from, int64_t count) {
  return from ? Floats(from, from + count) : Floats();
}

void store(const Floats& values, BFloat16* to) {
  std::transform(values.begin(), values.end(), to, [](float value) { return BFloat16(value); });
}

int64_t input_numel(const Conv2dShape& s) {
  return s.n * s.h * s.w * s.c;
}
int64_t weight_numel(const Conv2dShape& s) {
  return s.o * s.kh * s.kw * (s.c / s.groups);
}
int64_t output_numel(const Conv2dShape& s) {
  return s.n * s.oh * s.ow * s.o;
}

}  // namespace

template <class T>
void conv2d_forward(cpu::Stream, const Conv2dShape& shape, const T* x, const T* weight,
                    const T* bias, T* y) {
  if constexpr (std::is_same_v<T, float>)
    if (!is_empty(shape) && cpu::conv2d_forward_winograd(shape, x, weight, bias, y)) return;
  if constexpr (kHasOnednn<T>)
    if (!is_empty(shape) && cpu::conv2d_forward_onednn(shape, x, weight, bias, y)) return;
  if constexpr (std::is_same_v<T, BFloat16>) {
    const Floats row = as_floats(bias, shape.o);
    Floats out(size_t(output_numel(shape)));
    cpu::conv2d_forward_direct(shape, as_floats(x, input_numel(shape)).data(),
                               as_floats(weight, weight_numel(shape)).data(),
                               bias ? row.data() : nullptr, out.data());
    store(out, y);
  } else {
    cpu::conv2d_forward_direct(shape, x, weight, bias, y);
  }
}

template <class T>
void conv2d_backward_input(cpu::Stream, const Conv2dShape& shape, const T* dy, const T* weight,
                           T* dx) {
  if constexpr (std::is_same_v<T, float>)
    if (!is_empty(shape) && cpu::conv2d_backward_input_winograd(shape, dy, weight, dx)) return;
  if constexpr (kHasOnednn<T>)
    if (!is_empty(shape) && cpu::conv2d_backward_input_onednn(shape, dy, weight, dx)) return;
  if constexpr (std::is_same_v<T, BFloat16>) {
    Floats out(size_t(input_numel(shape)));
    cpu::conv2d_backward_input_direct(shape, as_floats(dy, output_numel(shape)).data(),
                                      as_floats(weight, weight_numel(shape)).data(), out.data());
    store(out, dx);
  } else {
    cpu::conv2d_backward_input_direct(shape, dy, weight, dx);
  }
}

template <class T>
void cpu::conv2d_backward_weight_sums(const Conv2dShape& shape, const T* x, const T* dy,
                                      Compute<T>* dweight, Compute<T>* dbias) {
  if constexpr (kHasOnednn<T>)
    if (!is_empty(shape) && conv2d_backward_weight_in_parts(shape, x, dy, dweight, dbias)) return;
  if constexpr (std::is_same_v<T, BFloat16>)
    conv2d_backward_weight_direct(shape, as_floats(x, input_numel(shape)).data(),
                                  as_floats(dy, output_numel(shape)).data(), dweight, dbias);
  else
    conv2d_backward_weight_direct(shape, x, dy, dweight, dbias);
}

template <class T>
void conv2d_backward_weight(cpu::Stream, const Conv2dShape& shape, const T* x, const T* dy,
                            T* dweight, T* dbias) {
  if constexpr (std::is_same_v<T, BFloat16>) {
    Floats out(size_t(weight_numel(shape))), row(size_t(dbias ? shape.o : 0));
    cpu::conv2d_backward_weight_sums(shape, x, dy, out.data(), dbias ? row.data() : nullptr);
    store(out, dweight);
    store(row, dbias);
  } else {
    cpu::conv2d_backward_weight_sums(shape, x, dy, dweight, dbias);
  }
}

#define CUTTLE_INSTANTIATE(T)                                                                      \
  template void conv2d_forward<T>(cpu::Stream, const Conv2dShape&, const T*, const T*, const T*,   \
                                  T*);                                                             \
  template void conv2d_backward_input<T>(cpu::Stream, const Conv2dShape&, const T*, const T*, T*); \
  template void conv2d_backward_weight<T>(cpu::Stream, const Conv2dShape&, const T*, const T*, T*, \
                                          T*);                                                     \
  template void cpu::conv2d_backward_weight_sums<T>(const Conv2dShape&, const T*, const T*,        \
                                                    Compute<T>*, Compute<T>*);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)
CUTTLE_INSTANTIATE(BFloat16)

}  // namespace cuttle::kernels
