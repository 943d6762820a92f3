// Strided copy with conversion of the element type. See kernels/copy.h.
#include "../copy.h"

#include "elementwise_loop.cuh"

namespace cuttle::kernels {

namespace {

template <class In, class Out>
struct Convert {
  template <class Body>
  __device__ void apply(Body body) const {
    if constexpr (std::is_same_v<Out, bool>)
      body([](In x) { return x != In(0); });
    else
      body([](In x) { return static_cast<Out>(x); });
  }
};

}  // namespace

template <class In, class Out>
void copy(cuda::Stream stream, const StridedLoop<2>& loop, const In* x, Out* out) {
  cuda::run_elementwise(stream, loop, Convert<In, Out>{}, cuda::Inputs<In, 1>{{x}}, out);
}

#define CUTTLE_COPY(In, Out) \
  template void copy(cuda::Stream, const StridedLoop<2>&, const In*, Out*);
#define CUTTLE_COPY_FROM(In) \
  CUTTLE_COPY(In, float)     \
  CUTTLE_COPY(In, double)    \
  CUTTLE_COPY(In, int64_t)   \
  CUTTLE_COPY(In, int32_t)   \
  CUTTLE_COPY(In, uint8_t)   \
  CUTTLE_COPY(In, bool)
CUTTLE_COPY_FROM(float)
CUTTLE_COPY_FROM(double)
CUTTLE_COPY_FROM(int64_t)
CUTTLE_COPY_FROM(int32_t)
CUTTLE_COPY_FROM(uint8_t)
CUTTLE_COPY_FROM(bool)

}  // namespace cuttle::kernels
