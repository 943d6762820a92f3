// Constants on the CPU: one pass of stores.
#include "../fill.h"

#include <type_traits>

#include "strided_walk.h"

namespace cuttle::kernels {

template <class T>
void fill(cpu::Stream, const StridedLoop<1>& loop, T value, T* out) {
  cpu::for_each_row(loop, [=](const auto& at, int64_t n, const auto& stride) {
    T* row = out + at[0];
    if (stride[0] == 1) {
      std::fill_n(row, n, value);
    } else {
      for (int64_t i = 0; i < n; ++i) row[i * stride[0]] = value;
    }
  });
}

template <class T>
const T* one(cpu::Stream) {
  static const T number(1);
  return &number;
}

template <class T>
void arange(cpu::Stream, ArangeNumber<T> start, ArangeNumber<T> step, int64_t n, T* out) {
  // In double, so that a long float range keeps its last digits.
  using Wide = std::conditional_t<is_floating<T>, double, uint64_t>;
  const Wide first = static_cast<Wide>(start), by = static_cast<Wide>(step);
  cpu::parallel_for(n, cpu::kGrain, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      out[i] = static_cast<T>(first + static_cast<Wide>(i) * by);
  });
}

template <class T>
void linspace(cpu::Stream, double start, double end, double step, int64_t n, T* out) {
  cpu::parallel_for(n, cpu::kGrain, [=](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i)
      out[i] = static_cast<T>(i < n / 2 ? start + static_cast<double>(i) * step
                                        : end - static_cast<double>(n - 1 - i) * step);
  });
}

#define CUTTLE_FILL(T) template void fill(cpu::Stream, const StridedLoop<1>&, T, T*);
#define CUTTLE_ONE(T) template const T* one(cpu::Stream);
#define CUTTLE_ARANGE(T)                                                    \
  template void linspace(cpu::Stream, double, double, double, int64_t, T*); \
  template void arange<T>(cpu::Stream, ArangeNumber<T>, ArangeNumber<T>, int64_t, T*);
CUTTLE_FILL(float)
CUTTLE_FILL(double)
CUTTLE_FILL(Half)
CUTTLE_FILL(BFloat16)
CUTTLE_FILL(int64_t)
CUTTLE_FILL(int32_t)
CUTTLE_FILL(int16_t)
CUTTLE_FILL(int8_t)
CUTTLE_FILL(uint8_t)
CUTTLE_FILL(bool)
CUTTLE_ONE(float)
CUTTLE_ONE(double)
CUTTLE_ONE(Half)
CUTTLE_ONE(BFloat16)
CUTTLE_ARANGE(float)
CUTTLE_ARANGE(double)
CUTTLE_ARANGE(Half)
CUTTLE_ARANGE(BFloat16)
CUTTLE_ARANGE(int64_t)
CUTTLE_ARANGE(int32_t)
CUTTLE_ARANGE(int16_t)
CUTTLE_ARANGE(int8_t)
CUTTLE_ARANGE(uint8_t)

}  // namespace cuttle::kernels
