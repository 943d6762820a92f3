// Attention on the CPU: tiles of scores that stay in the second cache, their products through gemm.
#include "../attention.h"

#include <algorithm>
#include <cmath>

#include "attention_matrix.h"
#include "lane_sums.h"
#include "parallel.h"
#include "vector_level.h"
#include "vector_math.h"

namespace cuttle::kernels {
namespace {

using namespace cpu::attention;  // Tile, Matrix

/// row = exp(row − largest), and their sum.
template <class T>
T exponentials(int64_t n, T largest, T* row) {
  return cpu::lane_sums(
      n, [=](int64_t j) { return std::array{row[j] = cpu::exp_lane(row[j] - largest)}; })[0];
}

/// The online softmax: turns a tile's scores into weights relative to the largest score so far, and
/// scales what the rows of `sums` hold to it.
template <class T>
void add_tile(const Matrix<T>& matrix, const Tile& tile, T* scores, T* largest, T* total, T* sums) {
  cpu::vectorised([&] {
    for (int64_t i = 0; i < tile.queries; ++i) {
      T* const row = scores + i * tile.keys;
      T most = largest[i];
#pragma omp simd reduction(max : most)
      for (int64_t j = 0; j < tile.keys; ++j) most = row[j] > most ? row[j] : most;
      const T base = most == kMasked<T> ? T(0) : most;
      const T fade = std::exp(largest[i] - base);
      largest[i] = most;
      total[i] = total[i] * fade + exponentials(tile.keys, base, row);
      T* const sum = sums + i * matrix.shape.value_width;
      for (int64_t e = 0; e < matrix.shape.value_width; ++e) sum[e] *= fade;
      matrix.drop(tile, tile.query + i, row, row);
    }
  });
}

template <class T>
void forward_block(const Matrix<T>& matrix, int64_t first, const HeadRows<T>& out, T* terms) {
  const AttentionShape& s = matrix.shape;
  const int64_t count = std::min(kQueryTile, s.queries - first), width = s.value_width;
  static thread_local cpu::Scratch scratch;
  T* const scores = scratch.get<T>(kQueryTile * (kKeyTile + width));
  T* const sums = scores + kQueryTile * kKeyTile;
  std::fill_n(sums, count * width, T(0));
  T largest[kQueryTile], total[kQueryTile] = {};
  std::fill_n(largest, count, kMasked<T>);
  for (int64_t key = 0; key < s.keys; key += kKeyTile) {
    const Tile tile{first, count, key, std::min(kKeyTile, s.keys - key)};
    if (matrix.is_masked(tile)) break;
    matrix.scores(tile, scores);
    add_tile(matrix, tile, scores, largest, total, sums);
    GemmShape product{count, width, tile.keys};
    product.accumulate = true;
    multiply(product, scores, tile.keys, matrix.value + key * matrix.operands.value.row,
             matrix.operands.value.row, sums);
  }
  for (int64_t i = 0; i < count; ++i) {
    const bool empty = total[i] == 0;
    terms[first + i] = empty ? -kMasked<T> : largest[i] + std::log(total[i]);
    const T scale = empty ? T(0) : 1 / total[i];
    T* const row = out.of(matrix.b, matrix.h) + (first + i) * out.row;
    for (int64_t e = 0; e < width; ++e) row[e] = empty ? T(0) : sums[i * width + e] * scale;
  }
}

/// dots of each query in the range.
template <class T>
void row_dots(const Matrix<T>& matrix, const AttentionSaved<T>& saved, T* dots) {
  const T* const out = saved.out.of(matrix.b, matrix.h);
  const T* const dout = saved.dout.of(matrix.b, matrix.h);
  cpu::vectorised([&] {
    for (int64_t i = 0; i < matrix.shape.queries; ++i) {
      const T *const y = out + i * saved.out.row, *const dy = dout + i * saved.dout.row;
      dots[i] = cpu::lane_sums(matrix.shape.value_width,
                               [=](int64_t e) { return std::array{y[e] * dy[e]}; })[0];
    }
  });
}

/// Which gradients a walk over tiles adds up. The other two are left alone.
struct Wanted {
  bool query = false, key = false, value = false;
};

/// scores becomes P ∘ D, and `slopes`, which holds dout · valueᵀ, becomes dS.
template <class T>
void weights_and_slopes(const Matrix<T>& matrix, const Tile& tile, const T* terms, const T* dots,
                        bool wants_slopes, T* scores, T* slopes) {
  cpu::vectorised([&] {
    for (int64_t i = 0; i < tile.queries; ++i) {
      T *const row = scores + i * tile.keys, *const slope = slopes + i * tile.keys;
      const int64_t query = tile.query + i;
      const T term = terms[query], dot = dots[query];
#pragma omp simd
      for (int64_t j = 0; j < tile.keys; ++j) row[j] = cpu::exp_lane(row[j] - term);
      if (wants_slopes) {
        matrix.drop(tile, query, slope, slope);
#pragma omp simd
        for (int64_t j = 0; j < tile.keys; ++j)
          slope[j] = row[j] * (slope[j] - dot) * matrix.rule.scale;
      }
      matrix.drop(tile, query, row, row);
    }
  });
}

template <class T>
void copy_rows(int64_t rows, int64_t width, const T* from, T* to, int64_t step) {
  for (int64_t i = 0; i < rows; ++i) std::copy_n(from + i * width, width, to + i * step);
}

/// The gradients that the queries and keys of `region` share, tile by tile: those of queries if all
/// keys are in it, those of keys and values if all queries are.
template <class T>
void backward_region(const Matrix<T>& matrix, const Tile& region, const AttentionSaved<T>& saved,
                     const T* terms, const T* dots, const Wanted& wanted,
                     const AttentionGradients<T>& to) {
  const AttentionShape& s = matrix.shape;
  const AttentionOperands<T>& in = matrix.operands;
  const bool wants_slopes = wanted.query || wanted.key;
  static thread_local cpu::Scratch scratch;
  T* const scores = scratch.get<T>(2 * kQueryTile * kKeyTile + region.queries * s.width +
                                   kKeyTile * (s.width + s.value_width));
  T* const slopes = scores + kQueryTile * kKeyTile;
  T* const dkey = slopes + kQueryTile * kKeyTile;
  T* const dvalue = dkey + kKeyTile * s.width;
  T* const dquery = dvalue + kKeyTile * s.value_width;
  std::fill_n(dquery, region.queries * s.width, T(0));
  const int64_t last_key = region.key + region.keys, last_query = region.query + region.queries;
  for (int64_t key = region.key; key < last_key; key += kKeyTile) {
    const int64_t keys = std::min(kKeyTile, last_key - key);
    std::fill_n(dkey, keys * s.width, T(0));
    std::fill_n(dvalue, keys * s.value_width, T(0));
    for (int64_t query = region.query; query < last_query; query += kQueryTile) {
      const Tile tile{query, std::min(kQueryTile, last_query - query), key, keys};
      if (matrix.is_masked(tile)) continue;
      const T* const dout = saved.dout.of(matrix.b, matrix.h) + query * saved.dout.row;
      matrix.scores(tile, scores);
      if (wants_slopes)
        multiply(GemmShape{tile.queries, keys, s.value_width, false, true}, dout, saved.dout.row,
                 matrix.value + key * in.value.row, in.value.row, slopes);
      weights_and_slopes(matrix, tile, terms, dots, wants_slopes, scores, slopes);
      const auto add = [&](int64_t m, int64_t n, int64_t k, bool transposed, const T* a,
                           const T* rows, int64_t step, T* sum) {
        GemmShape product{m, n, k, transposed};
        product.accumulate = true;
        multiply(product, a, keys, rows, step, sum);
      };
      if (wanted.value)
        add(keys, s.value_width, tile.queries, true, scores, dout, saved.dout.row, dvalue);
      if (wanted.key)
        add(keys, s.width, tile.queries, true, slopes, matrix.query + query * in.query.row,
            in.query.row, dkey);
      if (wanted.query)
        add(tile.queries, s.width, keys, false, slopes, matrix.key + key * in.key.row, in.key.row,
            dquery + (query - region.query) * s.width);
    }
    if (wanted.key)
      copy_rows(keys, s.width, dkey, to.key.of(matrix.b, matrix.h) + key * to.key.row, to.key.row);
    if (wanted.value)
      copy_rows(keys, s.value_width, dvalue, to.value.of(matrix.b, matrix.h) + key * to.value.row,
                to.value.row);
  }
  if (wanted.query)
    copy_rows(region.queries, s.width, dquery,
              to.query.of(matrix.b, matrix.h) + region.query * to.query.row, to.query.row);
}

int64_t tiles_of(int64_t count, int64_t tile) {
  return (count + tile - 1) / tile;
}

/// From this many matrices on each is one thread's, which computes a tile of scores once for all
/// three gradients; below, tiles are shared out and computed twice. By the shape alone, for the
/// bits.
constexpr int64_t kEnoughMatrices = 16;

}  // namespace

template <class T>
void attention_forward(cpu::Stream, const AttentionShape& shape, const AttentionOperands<T>& in,
                       const HeadRows<T>& out, T* terms) {
  const int64_t blocks = tiles_of(shape.queries, kQueryTile);
  const int64_t work = kQueryTile * shape.keys * (shape.width + shape.value_width);
  cpu::parallel_for(
      shape.head_count() * blocks, cpu::grain_units(work), [&](int64_t begin, int64_t end) {
        for (int64_t unit = begin; unit < end; ++unit)
          forward_block(Matrix<T>(shape, in, unit / blocks), unit % blocks * kQueryTile, out,
                        terms + unit / blocks * shape.queries);
      });
}

template <class T>
void attention_backward(cpu::Stream, const AttentionShape& shape, const AttentionOperands<T>& in,
                        const AttentionSaved<T>& saved, const AttentionGradients<T>& gradients) {
  const Wanted all{gradients.query.at != nullptr, gradients.key.at != nullptr,
                   gradients.value.at != nullptr};
  const int64_t matrices = shape.head_count();
  const auto run = [&](int64_t parts, int64_t tile, bool by_query, const Wanted& wanted) {
    cpu::parallel_for(matrices * parts, 1, [&](int64_t begin, int64_t end) {
      for (int64_t unit = begin; unit < end; ++unit) {
        const int64_t index = unit / parts, first = unit % parts * tile;
        const Matrix<T> matrix(shape, in, index);
        Tile region{0, shape.queries, 0, shape.keys};
        if (parts > 1) {
          (by_query ? region.query : region.key) = first;
          (by_query ? region.queries : region.keys) =
              std::min(tile, (by_query ? shape.queries : shape.keys) - first);
        }
        backward_region(matrix, region, saved, saved.terms + index * shape.queries,
                        saved.dots + index * shape.queries, wanted, gradients);
      }
    });
  };
  const int64_t grain = cpu::grain_units(shape.queries * shape.value_width);
  cpu::parallel_for(matrices, grain, [&](int64_t begin, int64_t end) {
    for (int64_t index = begin; index < end; ++index)
      row_dots(Matrix<T>(shape, in, index), saved, saved.dots + index * shape.queries);
  });
  if (matrices >= kEnoughMatrices) return run(1, 0, true, all);
  if (all.query) run(tiles_of(shape.queries, kQueryTile), kQueryTile, true, {.query = true});
  if (all.key || all.value)
    run(tiles_of(shape.keys, kKeyTile), kKeyTile, false, {.key = all.key, .value = all.value});
}

#define CUTTLE_INSTANTIATE(T)                                                                \
  template void attention_forward<T>(cpu::Stream, const AttentionShape&,                     \
                                     const AttentionOperands<T>&, const HeadRows<T>&, T*);   \
  template void attention_backward<T>(cpu::Stream, const AttentionShape&,                    \
                                      const AttentionOperands<T>&, const AttentionSaved<T>&, \
                                      const AttentionGradients<T>&);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)

}  // namespace cuttle::kernels
