#include "strided_loop.h"

#include <algorithm>
#include <array>

namespace cuttle {

template <int N>
kernels::StridedLoop<N> make_loop(const Shape& shape, const Strides (&strides)[N]) {
  kernels::StridedLoop<N> loop;
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) {
    loop.rank = 1;  // one empty dimension: nothing to do
    for (auto& operand : loop.strides) operand[0] = 1;
    return loop;
  }
  // Sorted by insertion: std::stable_sort would ask for memory.
  std::array<int, kMaxRank> order{};
  const auto stride_of = [&](size_t place) { return strides[N - 1][order[place]]; };
  size_t rank = 0;
  for (int d = 0; d < shape.size(); ++d) {
    if (shape[d] == 1) continue;
    size_t at = rank++;
    for (; at > 0 && stride_of(at - 1) < strides[N - 1][d]; --at) order[at] = order[at - 1];
    order[at] = d;
  }
  for (size_t i = 0; i < rank; ++i) {
    const int d = order[i];
    const int last = loop.rank - 1;
    bool merges = loop.rank > 0;
    for (int p = 0; merges && p < N; ++p)
      merges = loop.strides[p][last] == strides[p][d] * shape[d];
    const int at = merges ? last : loop.rank++;
    loop.sizes[at] = merges ? loop.sizes[at] * shape[d] : shape[d];
    for (int p = 0; p < N; ++p) loop.strides[p][at] = strides[p][d];
  }
  return loop;
}

template kernels::StridedLoop<1> make_loop(const Shape&, const Strides (&)[1]);
template kernels::StridedLoop<2> make_loop(const Shape&, const Strides (&)[2]);
template kernels::StridedLoop<3> make_loop(const Shape&, const Strides (&)[3]);
template kernels::StridedLoop<4> make_loop(const Shape&, const Strides (&)[4]);
template kernels::StridedLoop<5> make_loop(const Shape&, const Strides (&)[5]);

Strides broadcast_strides(const Shape& from, const Strides& strides, const Shape& to) {
  Strides out = Strides::filled(to.size(), 0);
  const int shift = to.size() - from.size();
  for (int d = 0; d < from.size(); ++d)
    out[d + shift] = from[d] == 1 && to[d + shift] != 1 ? 0 : strides[d];
  return out;
}

}  // namespace cuttle
