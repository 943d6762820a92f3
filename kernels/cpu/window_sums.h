// Sums of windows with a factor each: the inner loop of the gradients of a convolution with
// pooling, whose sums stay in registers. For kernels/cpu alone.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "vector_level.h"

namespace cuttle::kernels::cpu {

/// Sixteen floats: a register of AVX-512, two of AVX2.
using Lanes [[gnu::vector_size(64)]] = float;
inline constexpr int64_t kLanes = 16;

/// A window's rows lie `step` floats apart.
template <class T>
struct Window {
  T* data;
  int64_t step;

  T* lanes(int64_t row, int64_t at) const { return data + row * step + at * kLanes; }
};

/// Factors and the places of their windows, `step` elements from one to the next.
struct Factors {
  const float* value;
  const int32_t* place;  // floats from the first window
  int64_t count, step;
};

/// sums += Σ value · (the window at `place` behind `first`), in the order of the factors.
template <int kRows, int kAcross>
inline void add_tile(const Factors& factors, Window<const float> first, Window<float> sums) {
  Lanes sum[kRows][kAcross], more;
  for (int r = 0; r < kRows; ++r)
    for (int a = 0; a < kAcross; ++a) std::memcpy(&sum[r][a], sums.lanes(r, a), sizeof more);
  for (int64_t i = 0; i < factors.count; ++i) {
    const float value = factors.value[i * factors.step];
    const Window<const float> window{first.data + factors.place[i * factors.step], first.step};
    for (int r = 0; r < kRows; ++r)
      for (int a = 0; a < kAcross; ++a) {
        std::memcpy(&more, window.lanes(r, a), sizeof more);  // at any address
        sum[r][a] += value * more;
      }
  }
  for (int r = 0; r < kRows; ++r)
    for (int a = 0; a < kAcross; ++a) std::memcpy(sums.lanes(r, a), &sum[r][a], sizeof more);
}

/// How many lanes of a window's row, `across` long, a tile takes. Ten sums and a factor leave room
/// in AVX-512's 32 registers, five take ten of AVX2's 16.
inline int64_t tile_width(int64_t across) {
  const int64_t most = vector_level() == VectorLevel::v4 ? 10 : 5;
  const int64_t tiles = (across + most - 1) / most;
  return (across + tiles - 1) / tiles;
}

/// The same for windows of any size, rows × across lanes, in tiles of tile_width(across), on which
/// the bits do not depend. To be called within `vectorised`.
inline void add_windows(int64_t rows, int64_t across, int64_t tile, const Factors& factors,
                        Window<const float> first, Window<float> sums) {
  for (int64_t at = 0; at < across; at += tile) {
    const int64_t width = std::min(tile, across - at);
    int64_t row = 0;
    const auto add = [&]<int kRows, int kAcross>() {
      add_tile<kRows, kAcross>(factors, {first.lanes(row, at), first.step},
                               {sums.lanes(row, at), sums.step});
      row += kRows;
    };
    // Sums in few registers would wait for each other: several rows at once.
    while (width == 1 && row + 5 <= rows) add.template operator()<5, 1>();
    while (width == 1 && row + 3 <= rows) add.template operator()<3, 1>();
    while (width == 2 && row + 2 <= rows) add.template operator()<2, 2>();
    while (row < rows) {
      switch (width) {
        case 1:
          add.template operator()<1, 1>();
          break;
        case 2:
          add.template operator()<1, 2>();
          break;
        case 3:
          add.template operator()<1, 3>();
          break;
        case 4:
          add.template operator()<1, 4>();
          break;
        case 5:
          add.template operator()<1, 5>();
          break;
        case 6:
          add.template operator()<1, 6>();
          break;
        case 7:
          add.template operator()<1, 7>();
          break;
        case 8:
          add.template operator()<1, 8>();
          break;
        case 9:
          add.template operator()<1, 9>();
          break;
        default:
          add.template operator()<1, 10>();
      }
    }
  }
}

}  // namespace cuttle::kernels::cpu
