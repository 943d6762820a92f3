// Strided copy with conversion on the CPU. Compiled once for each type CUTTLE_ELEMENT of the input
// (cmake/element_types.cmake).
#include "../copy.h"

#include <limits>
#include <type_traits>

#include "strided_walk.h"
#include "vector_level.h"

namespace cuttle::kernels {
namespace {

/// C++'s conversion, made total: a floating value outside an integer type's range becomes its
/// nearest end and NaN becomes 0 (in C++ both are undefined).
template <class Out, class In>
inline Out convert(In x) {
  if constexpr (std::is_same_v<In, Out>) {
    return x;
  } else if constexpr (!std::is_same_v<In, Compute<In>>) {
    return convert<Out>(static_cast<Compute<In>>(x));
  } else if constexpr (std::is_same_v<Out, bool>) {
    return x != In(0);
  } else if constexpr (is_floating<In> && std::is_integral_v<Out>) {
    using Limits = std::numeric_limits<Out>;
    // Both ends as In; the upper one is rounded up to a power of two where In is too narrow.
    constexpr In low = static_cast<In>(Limits::min());
    constexpr In past = static_cast<In>(Limits::max() / 2 + 1) * In(2);
    if (!(x > low)) return x == x ? Limits::min() : Out(0);
    return x < past ? static_cast<Out>(x) : Limits::max();
  } else {
    return static_cast<Out>(x);
  }
}

template <class In, class Out>
void copy_row(int64_t n, const In* x, int64_t x_stride, Out* out, int64_t out_stride) {
  if (out_stride == 1 && x_stride == 1) {
    if constexpr (std::is_same_v<In, Out>) {
      std::copy_n(x, n, out);
    } else {
      cpu::vectorised_of<Out>(
          [=] { cpu::each_lane(n, [=](int64_t i) { out[i] = convert<Out>(x[i]); }); });
    }
  } else if (out_stride == 1 && x_stride == 0) {
    std::fill_n(out, n, convert<Out>(x[0]));
  } else {
    for (int64_t i = 0; i < n; ++i) out[i * out_stride] = convert<Out>(x[i * x_stride]);
  }
}

}  // namespace

template <class In, class Out>
void copy(cpu::Stream, const StridedLoop<2>& loop, const In* x, Out* out) {
  cpu::for_each_row(loop, [=](const auto& at, int64_t n, const auto& stride) {
    copy_row(n, x + at[0], stride[0], out + at[1], stride[1]);
  });
}

#define CUTTLE_COPY_TO(Out) \
  template void copy(cpu::Stream, const StridedLoop<2>&, const CUTTLE_ELEMENT*, Out*);
CUTTLE_COPY_TO(float)
CUTTLE_COPY_TO(double)
CUTTLE_COPY_TO(Half)
CUTTLE_COPY_TO(BFloat16)
CUTTLE_COPY_TO(int64_t)
CUTTLE_COPY_TO(int32_t)
CUTTLE_COPY_TO(int16_t)
CUTTLE_COPY_TO(int8_t)
CUTTLE_COPY_TO(uint8_t)
CUTTLE_COPY_TO(bool)

}  // namespace cuttle::kernels
