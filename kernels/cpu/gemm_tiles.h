// How a product is cut into tiles for several threads. For kernels/cpu alone.
#pragma once

#include "../gemm.h"
#include "onednn.h"
#include "parallel.h"

namespace cuttle::kernels::cpu {

/// How C is cut into tiles, each a product of its own on one thread: by the shape alone, since
/// oneDNN would cut by the number of threads, k too, and the bits with it.
struct GemmCuts {
  int64_t rows = 1, columns = 1;
};

inline GemmCuts cuts_of(const GemmShape& s) {
  constexpr int64_t kMostTiles = 16, kLeastWork = int64_t{1} << 20, kLeastExtent = 32;
  const int64_t wanted = std::min(kMostTiles, s.m * s.n * s.k / kLeastWork);
  GemmCuts cuts;
  while (2 * cuts.rows * cuts.columns <= wanted) {
    const int64_t height = s.m / (2 * cuts.rows), width = s.n / (2 * cuts.columns);  // once more
    if (std::max(height, width) < kLeastExtent) break;
    (height > width ? cuts.rows : cuts.columns) *= 2;
  }
  return cuts;
}

/// Rows [row, row + rows) and columns [column, column + columns) of a batch's C.
struct GemmTile {
  int64_t batch, row, rows, column, columns;
};

/// Calls run(tile) for all tiles of all batches, each on one thread, where oneDNN stays too.
template <class Run>
void for_each_tile(const GemmShape& s, const Run& run) {
  const GemmCuts cuts = cuts_of(s);
  const int64_t tiles = cuts.rows * cuts.columns, work = s.m * s.n * s.k / tiles;
  parallel_for(s.batch * tiles, grain_units(work), [&](int64_t begin, int64_t end) {
    const OnednnThreads alone(true);
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t i = unit % tiles / cuts.columns, j = unit % cuts.columns;
      const int64_t row = i * s.m / cuts.rows, column = j * s.n / cuts.columns;
      run(GemmTile{unit / tiles, row, (i + 1) * s.m / cuts.rows - row, column,
                   (j + 1) * s.n / cuts.columns - column});
    }
  });
}

}  // namespace cuttle::kernels::cpu
