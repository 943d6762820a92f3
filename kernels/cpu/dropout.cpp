// Dropout on the CPU: ranges of elements, shared out among threads.
#include "../dropout.h"

#include "../half.h"
#include "strided_walk.h"

namespace cuttle::kernels {

template <class T>
void dropout(cpu::Stream, const Dropout& call, const StridedLoop<3>& loop, const T* x, T* y) {
  using C = Compute<T>;
  const C scale = static_cast<C>(call.scale), shift = static_cast<C>(call.shift);
  const T fill = static_cast<T>(static_cast<C>(call.fill));
  // An element costs as much as a dozen of those that a grain is counted in.
  cpu::parallel_for(loop.numel(), cpu::grain_units(12), [&](int64_t begin, int64_t end) {
    DropoutBits bits(call);
    int64_t i = begin;
    cpu::walk_range(loop, begin, end, [&](const auto& offset, int64_t) {
      const C value = static_cast<C>(x[offset[0]]) * scale + shift;
      y[offset[1]] = bits.keeps(i++) ? static_cast<T>(value) : fill;
    });
  });
}

template void dropout(cpu::Stream, const Dropout&, const StridedLoop<3>&, const float*, float*);
template void dropout(cpu::Stream, const Dropout&, const StridedLoop<3>&, const double*, double*);
template void dropout(cpu::Stream, const Dropout&, const StridedLoop<3>&, const Half*, Half*);
template void dropout(cpu::Stream, const Dropout&, const StridedLoop<3>&, const BFloat16*,
                      BFloat16*);

}  // namespace cuttle::kernels
