// Sums over a row that compilers vectorise and that have the same bits for every width of vectors.
// For kernels/cpu alone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace cuttle::kernels::cpu {

/// The sum of neighbouring lanes by halves: as one expression, which stays in registers.
template <int kCount, class T>
T joined_lanes(const T* lanes) {
  if constexpr (kCount == 1)
    return lanes[0];
  else
    return joined_lanes<kCount / 2>(lanes) + joined_lanes<kCount / 2>(lanes + kCount / 2);
}

/// Σ of(i) for i < n, of any count of sums at once: of(i) is a std::array of them. Element i is
/// added to lane i % 16, and lanes are joined by halves.
template <class Of>
auto lane_sums(int64_t n, const Of& of) {
  using Sums = decltype(of(int64_t{0}));
  constexpr int kLanes = 16;
  constexpr size_t kSums = std::tuple_size_v<Sums>;
  typename Sums::value_type lanes[kSums][kLanes] = {};
  const auto add = [&](int64_t i, int lane) {
    const Sums each = of(i);
    for (size_t s = 0; s < kSums; ++s) lanes[s][lane] += each[s];
  };
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
#pragma omp simd
    for (int lane = 0; lane < kLanes; ++lane) add(i + lane, lane);
  }
  for (int lane = 0; i < n; ++i, ++lane) add(i, lane);
  Sums sums;
  for (size_t s = 0; s < kSums; ++s) sums[s] = joined_lanes<kLanes>(lanes[s]);
  return sums;
}

}  // namespace cuttle::kernels::cpu
