// Random numbers on the CPU: blocks of elements, shared out among threads.
#include "../random.h"

#include <algorithm>

#include "../error.h"
#include "strided_walk.h"

namespace cuttle::kernels {

namespace {

template <class D, class T>
void fill_random(const PhiloxAt& at, const StridedLoop<2>& loop, const D& distribution, T* out) {
  constexpr int64_t kPer = D::template kPerBlock<T>;
  const int64_t n = loop.numel(), blocks = (n + kPer - 1) / kPer;
  const PhiloxAt from = at.resolved();
  const bool dense = loop.is_dense();
  const auto make = [&](int64_t block, T* values) {
    const int64_t first = block * kPer;
    const int count = static_cast<int>(std::min(kPer, n - first));
    distribution(philox(from.seed, from.offset, static_cast<uint64_t>(block)), first, count,
                 values);
    return count;
  };
  // A number costs as much as a dozen of the elements that a grain is counted in.
  cpu::parallel_for(blocks, cpu::grain_units(kPer * 12), [&](int64_t begin, int64_t end) {
    T values[kPer];
    if (dense) {
      for (int64_t b = begin; b < end; ++b) std::copy_n(values, make(b, values), out + b * kPer);
      return;
    }
    int64_t next = begin * kPer;
    cpu::walk_range(loop, next, std::min(n, end * kPer), [&](const auto& offset, int64_t) {
      if (next % kPer == 0) make(next / kPer, values);
      out[offset[0]] = values[next++ % kPer];
    });
  });
}

}  // namespace

template <class T>
void random(cpu::Stream, const PhiloxAt& at, const StridedLoop<2>& loop,
            const Distribution& distribution, T* out) {
  std::visit(
      [&]<class D>(const D& chosen) {
        if constexpr (D::template kServes<T>)
          fill_random(at, loop, chosen, out);
        else
          fail("random: this distribution does not make the element type");
      },
      distribution.kind);
}

template void random(cpu::Stream, const PhiloxAt&, const StridedLoop<2>&, const Distribution&,
                     CUTTLE_ELEMENT*);

}  // namespace cuttle::kernels
