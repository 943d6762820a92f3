// Rows as runs of sixteen lanes, the last of them filled up: loops whose trip count compilers know,
// so that rows shorter than a vector are vectors too. For kernels/cpu alone.
#pragma once

#include <cstdint>

namespace cuttle::kernels::cpu {

inline constexpr int kRowLanes = 16;

/// Calls f(i, lane, x[i], true) for i < n, lane = i % 16, and for the lanes that the last run lacks
/// f(i, lane, outside, false). What such a lane keeps beside others it must keep without a choice:
/// an array that is written under a mask is slow to be read again.
template <class T, class F>
void for_row_lanes(int64_t n, const T* x, T outside, const F& f) {
  int64_t i = 0;
  for (; i + kRowLanes <= n; i += kRowLanes) {
#pragma omp simd
    for (int lane = 0; lane < kRowLanes; ++lane) f(i + lane, lane, x[i + lane], true);
  }
  const int rest = static_cast<int>(n - i);
  if (rest == 0) return;
  const T* const last = x + i;
#pragma omp simd
  for (int lane = 0; lane < kRowLanes; ++lane) {
    T value = outside;
    if (lane < rest) value = last[lane];
    f(i + lane, lane, value, lane < rest);
  }
}

/// Joins the first 2 · kHalf lanes by halves, into lane 0.
template <int kHalf = kRowLanes / 2, class T, class Op>
T joined_halves(T* lanes, const Op& op) {
#pragma omp simd
  for (int lane = 0; lane < kHalf; ++lane) lanes[lane] = op(lanes[lane], lanes[lane + kHalf]);
  if constexpr (kHalf > 1) return joined_halves<kHalf / 2>(lanes, op);
  return lanes[0];
}

}  // namespace cuttle::kernels::cpu
