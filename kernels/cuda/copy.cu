// Strided copy with conversion of the element type. See kernels/copy.h. Compiled once for each type
// CUTTLE_ELEMENT of the input (cmake/element_types.cmake).
#include "../copy.h"

#include <limits>

#include "elementwise_loop.cuh"
#include "transpose.cuh"

namespace cuttle::kernels {

namespace {

// Constants, because device code may not call the functions of numeric_limits.
template <class T>
constexpr T kLowest = std::numeric_limits<T>::min();
template <class T>
constexpr T kHighest = std::numeric_limits<T>::max();
/// One past an integer type's highest value, a power of two, which every floating type holds.
template <class In, class Out>
constexpr In kPast = static_cast<In>(std::numeric_limits<Out>::max() / 2 + 1) * In(2);

/// C++'s conversion made total, as on the CPU: a floating value outside an integer type's range
/// becomes its nearest end, NaN becomes 0.
template <class Out, class In>
__device__ Out convert(In x) {
  if constexpr (std::is_same_v<Out, bool>) {
    return x != In(0);
  } else if constexpr (is_floating<In> && std::is_integral_v<Out>) {
    if (!(x > static_cast<In>(kLowest<Out>))) return x == x ? kLowest<Out> : Out(0);
    return x < kPast<In, Out> ? static_cast<Out>(x) : kHighest<Out>;
  } else {
    return static_cast<Out>(x);
  }
}

template <class In, class To>
struct Convert {
  using First = In;
  using Out = To;
  static __device__ Out call(const Compute<In>*, In x) {
    return convert<Out>(static_cast<Compute<In>>(x));
  }
};

}  // namespace

template <class In, class Out>
void copy(cuda::Stream stream, const StridedLoop<2>& loop, const In* x, Out* out) {
  if constexpr (std::is_same_v<In, Out> && !std::is_same_v<In, Compute<In>>) {
    // Copied, not computed with: every NaN stays as it is.
    copy(stream, loop, reinterpret_cast<const uint16_t*>(x), reinterpret_cast<uint16_t*>(out));
  } else {
    if constexpr (std::is_same_v<In, Out>)
      if (cuda::run_transpose(stream, loop, x, out)) return;
    cuda::run_elementwise<In, 1>(stream, cuda::elementwise_kernels<Convert<In, Out>, In, 1>(), loop,
                                 {{x}}, out);
  }
}

#define CUTTLE_COPY_TO(Out) \
  template void copy(cuda::Stream, const StridedLoop<2>&, const CUTTLE_ELEMENT*, Out*);
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
