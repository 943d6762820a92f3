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
  static const T number = 1;
  return &number;
}

template <class T>
void arange(cpu::Stream, ArangeNumber<T> start, ArangeNumber<T> step, int64_t n, T* out) {
  // In double, so that a long float range keeps its last digits.
  using Wide = std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>;
  const Wide first = static_cast<Wide>(start), by = static_cast<Wide>(step);
  cpu::parallel_for(n, cpu::kGrain, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      out[i] = static_cast<T>(first + static_cast<Wide>(i) * by);
  });
}

#define CUTTLE_INSTANTIATE_FILL(T) template void fill<T>(cpu::Stream, const StridedLoop<1>&, T, T*);
#define CUTTLE_INSTANTIATE_ARANGE(T) \
  template void arange<T>(cpu::Stream, ArangeNumber<T>, ArangeNumber<T>, int64_t, T*);
CUTTLE_INSTANTIATE_FILL(float)
CUTTLE_INSTANTIATE_FILL(double)
CUTTLE_INSTANTIATE_FILL(int64_t)
CUTTLE_INSTANTIATE_FILL(int32_t)
CUTTLE_INSTANTIATE_FILL(uint8_t)
CUTTLE_INSTANTIATE_FILL(bool)
template const float* one<float>(cpu::Stream);
template const double* one<double>(cpu::Stream);
CUTTLE_INSTANTIATE_ARANGE(float)
CUTTLE_INSTANTIATE_ARANGE(double)
CUTTLE_INSTANTIATE_ARANGE(int64_t)
CUTTLE_INSTANTIATE_ARANGE(int32_t)
CUTTLE_INSTANTIATE_ARANGE(uint8_t)

}  // namespace cuttle::kernels
