// One matrix of an attention's scores on the CPU, tile by tile. For attention.cpp.
#pragma once

#include <algorithm>

#include "../attention_terms.h"
#include "../gemm.h"
#include "vector_level.h"

namespace cuttle::kernels::cpu::attention {

inline constexpr int64_t kQueryTile = 64, kKeyTile = 256;  // of scores: 64 KiB of float

/// A tile of one matrix of scores.
struct Tile {
  int64_t query = 0, queries = 0, key = 0, keys = 0;  // first and how many
};

/// C = A · Bᵀ, A · B or Aᵀ · B of rows with steps; C dense.
template <class T>
void multiply(GemmShape shape, const T* a, int64_t a_row, const T* b, int64_t b_row, T* c) {
  shape.line_a = a_row;
  shape.line_b = b_row;
  gemm<T>(cpu::Stream{}, shape, a, b, nullptr, c);
}

/// One (batch, head).
template <class T>
struct Matrix {
  Matrix(const AttentionShape& all, const AttentionOperands<T>& in, int64_t matrix)
      : shape(all),
        b(matrix / all.heads),
        h(matrix % all.heads),
        query(in.query.of(b, h)),
        key(in.key.of(b, h)),
        value(in.value.of(b, h)),
        operands(in),
        rule(all, in.mask, b, h),
        factors(all, matrix) {}

  /// The tile's scores, row by row.
  void scores(const Tile& tile, T* to) const {
    multiply(GemmShape{tile.queries, tile.keys, shape.width, false, true},
             query + tile.query * operands.query.row, operands.query.row,
             key + tile.key * operands.key.row, operands.key.row, to);
    vectorised([&] {
      for (int64_t i = 0; i < tile.queries; ++i) mask_row(tile, tile.query + i, to + i * tile.keys);
    });
  }
  void mask_row(const Tile& tile, int64_t i, T* row) const {
    if (rule.mask.added != nullptr || rule.mask.allowed != nullptr) {
      for (int64_t j = 0; j < tile.keys; ++j) row[j] = rule(i, tile.key + j, row[j]);
      return;
    }
    const int64_t seen =
        rule.causal ? std::clamp<int64_t>(i + 1 - tile.key, 0, tile.keys) : tile.keys;
#pragma omp simd
    for (int64_t j = 0; j < seen; ++j) row[j] *= rule.scale;
    std::fill(row + seen, row + tile.keys, kMasked<T>);
  }
  /// row ∘ dropout's factors.
  void drop(const Tile& tile, int64_t i, const T* row, T* to) const {
    if (factors.none && row == to) return;
    for (int64_t j = 0; j < tile.keys; ++j) to[j] = row[j] * factors(i, tile.key + j);
  }
  /// Where the tile lies wholly behind the last key that its queries see.
  bool is_masked(const Tile& tile) const {
    return rule.causal && tile.key >= tile.query + tile.queries;
  }

  const AttentionShape& shape;
  const int64_t b, h;
  const T *query, *key, *value;
  const AttentionOperands<T>& operands;
  const ScoreRule<T> rule;
  const DropoutFactors<T> factors;
};

}  // namespace cuttle::kernels::cpu::attention
