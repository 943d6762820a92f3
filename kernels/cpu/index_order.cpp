// The destinations of elements that are written by index, and their order. See kernels/index.h.
#include <algorithm>
#include <numeric>
#include <vector>

#include "index_place.h"
#include "strided_walk.h"

namespace cuttle::kernels {

void index_keys(cpu::Stream, const StridedLoop<2>& loop, const IndexedDims& dims, int64_t,
                int64_t* keys) {
  cpu::parallel_for(loop.numel(), cpu::kGrain, [&](int64_t begin, int64_t end) {
    int64_t* to = keys + begin;
    cpu::walk_range(loop, begin, end, [&](const cpu::Offsets<2>& at, int64_t) {
      *to++ = at[0] + cpu::indexed_place(dims, at[1]);
    });
  });
}

// By counting, where there are not many more destinations than elements; else by comparing.
void index_sort(cpu::Stream, int64_t n, int64_t beyond, int64_t* keys, int64_t* order) {
  if (beyond <= 4 * n + 1024) {
    std::vector<int64_t> start(static_cast<size_t>(beyond) + 2);
    for (int64_t i = 0; i < n; ++i) ++start[static_cast<size_t>(keys[i]) + 1];
    std::partial_sum(start.begin(), start.end(), start.begin());
    for (int64_t i = 0; i < n; ++i) order[start[static_cast<size_t>(keys[i])]++] = i;
  } else {
    std::iota(order, order + n, int64_t{0});
    std::stable_sort(order, order + n, [keys](int64_t a, int64_t b) { return keys[a] < keys[b]; });
  }
  const std::vector<int64_t> unsorted(keys, keys + n);
  for (int64_t i = 0; i < n; ++i) keys[i] = unsorted[static_cast<size_t>(order[i])];
}

}  // namespace cuttle::kernels
