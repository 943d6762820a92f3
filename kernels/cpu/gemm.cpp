// Matrix product on the CPU: oneDNN's sgemm for float, an own blocked product for double and
// integers.
#include "../gemm.h"

#include <type_traits>

#include "gemm_tiles.h"

namespace cuttle::kernels {
namespace {

/// sum + a · b; integers wrap around, so they are computed unsigned and not narrower than int.
template <class T>
T plus_product(T sum, T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return sum + a * b;
  } else {
    using Wide = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
    return static_cast<T>(static_cast<Wide>(sum) + static_cast<Wide>(a) * static_cast<Wide>(b));
  }
}

/// C = bias, or C += bias, or C = 0: what is there before the products are added.
template <class T>
void start_rows(const GemmShape& s, const T* bias, T* c) {
  if (s.accumulate && !bias) return;
  for (int64_t i = 0; i < s.m; ++i) {
    T* row = c + i * s.n;
    if (s.accumulate) {
      for (int64_t j = 0; j < s.n; ++j) row[j] = plus_product(row[j], bias[j], T(1));
    } else if (bias) {
      std::copy_n(bias, s.n, row);
    } else {
      std::fill_n(row, s.n, T(0));
    }
  }
}

constexpr int64_t kTileRows = 4;     // of C, held in registers
constexpr int64_t kTileColumns = 8;  // of C, held in registers
constexpr int64_t kDepth = 256;      // of k: a panel of B, (depth, 8), stays in the first cache
constexpr int64_t kBlockRows = 64;   // of C: a thread's share
constexpr int64_t kColumns = 4096;   // of C, where it is a vector: they stay in the first cache

/// C's tile (rows ≤ 4, columns ≤ 8) += A (rows, depth) · panel (depth, 8).
template <class T>
void add_tile(const GemmShape& s, const T* a, const T* panel, int64_t rows, int64_t columns,
              int64_t depth, T* c) {
  const int64_t row_step = s.transpose_a ? 1 : s.step_a();
  const int64_t depth_step = s.transpose_a ? s.step_a() : 1;
  T sums[kTileRows][kTileColumns] = {};
  for (int64_t p = 0; p < depth; ++p) {
    const T* b = panel + p * kTileColumns;
    for (int64_t i = 0; i < kTileRows; ++i) {
      const T scale = a[std::min(i, rows - 1) * row_step + p * depth_step];
#pragma omp simd
      for (int64_t j = 0; j < kTileColumns; ++j) sums[i][j] = plus_product(sums[i][j], scale, b[j]);
    }
  }
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j)
      c[i * s.n + j] = plus_product(c[i * s.n + j], sums[i][j], T(1));
}

/// Rows [first, first + count) of one matrix of the batch; C was started.
template <class T>
void add_block(const GemmShape& s, const T* a, const T* b, int64_t first, int64_t count, T* c) {
  T panel[kDepth * kTileColumns];
  for (int64_t k = 0; k < s.k; k += kDepth) {
    const int64_t depth = std::min(kDepth, s.k - k);
    for (int64_t n = 0; n < s.n; n += kTileColumns) {
      const int64_t columns = std::min(kTileColumns, s.n - n);
      for (int64_t p = 0; p < depth; ++p)
        for (int64_t j = 0; j < kTileColumns; ++j) {
          const int64_t at =
              s.transpose_b ? (n + j) * s.step_b() + k + p : (k + p) * s.step_b() + n + j;
          panel[p * kTileColumns + j] = j < columns ? b[at] : T(0);
        }
      for (int64_t i = first; i < first + count; i += kTileRows)
        add_tile(s, a + (s.transpose_a ? k * s.step_a() + i : i * s.step_a() + k), panel,
                 std::min(kTileRows, first + count - i), columns, depth, c + i * s.n + n);
    }
  }
}

template <class T>
void multiply(const GemmShape& s, const T* a, const T* b, T* c) {
  const int64_t blocks = (s.m + kBlockRows - 1) / kBlockRows;
  const int64_t work = std::min(s.m, kBlockRows) * s.n * s.k;
  cpu::parallel_for(s.batch * blocks, cpu::grain_units(work), [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t batch = unit / blocks, first = unit % blocks * kBlockRows;
      add_block(s, a + batch * s.stride_a, b + batch * s.stride_b, first,
                std::min(kBlockRows, s.m - first), c + batch * s.stride_c);
    }
  });
}

/// Σ u[p] · v[p], in lanes that are added up at the end: always the same, and short sums.
float dot(int64_t k, const float* u, const float* v) {
  constexpr int64_t kLanes = 32;
  float sums[kLanes] = {};
  int64_t p = 0;
  for (; p + kLanes <= k; p += kLanes) {
#pragma omp simd
    for (int64_t lane = 0; lane < kLanes; ++lane) sums[lane] += u[p + lane] * v[p + lane];
  }
  for (int64_t lane = 0; p < k; ++p, ++lane) sums[lane] += u[p] * v[p];
  for (int64_t half = kLanes / 2; half > 0; half /= 2)
    for (int64_t lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
  return sums[0];
}

/// to[i] += Σ vector[p] · rows[p · step + i] for i < count ≤ kColumns.
void add_scaled_rows(int64_t k, int64_t step, int64_t count, const float* vector, const float* rows,
                     float* to) {
  float sums[kColumns];
  for (int64_t first = 0; first < k; first += kDepth) {
    const int64_t last = std::min(k, first + kDepth);
    std::fill_n(sums, count, 0.f);
    int64_t p = first;
    for (; p + 4 <= last; p += 4) {  // four rows at a time, added one after the other
      const float* const row = rows + p * step;
      const float *const second = row + step, *const third = second + step;
      const float* const fourth = third + step;
#pragma omp simd
      for (int64_t i = 0; i < count; ++i) {
        float sum = sums[i] + vector[p] * row[i];
        sum += vector[p + 1] * second[i];
        sum += vector[p + 2] * third[i];
        sums[i] = sum + vector[p + 3] * fourth[i];
      }
    }
    for (; p < last; ++p) {
      const float* const row = rows + p * step;
#pragma omp simd
      for (int64_t i = 0; i < count; ++i) sums[i] += vector[p] * row[i];
    }
#pragma omp simd
    for (int64_t i = 0; i < count; ++i) to[i] += sums[i];
  }
}

/// A product with a vector. oneDNN's bits depend on the number of threads there, and on whether
/// they run already; here an element's sum is one thread's, in the order of k.
void multiply_vector(const GemmShape& s, const float* a, const float* b, float* c) {
  const bool on_the_left = s.m == 1;  // the vector
  const float *const vector = on_the_left ? a : b, *const matrix = on_the_left ? b : a;
  const bool is_dot = on_the_left ? s.transpose_b : !s.transpose_a;
  const int64_t length = on_the_left ? s.n : s.m, step = on_the_left ? s.step_b() : s.step_a();
  cpu::parallel_for(length, cpu::grain_units(s.k), [&](int64_t begin, int64_t end) {
    if (is_dot) {
      for (int64_t i = begin; i < end; ++i) c[i] += dot(s.k, vector, matrix + i * step);
      return;
    }
    for (int64_t i = begin; i < end; i += kColumns)
      add_scaled_rows(s.k, step, std::min(kColumns, end - i), vector, matrix + i, c + i);
  });
}

/// The tile of C += A · B.
void add_product(const GemmShape& s, const cpu::GemmTile& tile, const float* a, const float* b,
                 float* c) {
  const dnnl_status_t status =
      dnnl_sgemm(s.transpose_a ? 'T' : 'N', s.transpose_b ? 'T' : 'N', tile.rows, tile.columns, s.k,
                 1.f, a + tile.row * (s.transpose_a ? 1 : s.step_a()), s.step_a(),
                 b + tile.column * (s.transpose_b ? s.step_b() : 1), s.step_b(), 1.f,
                 c + tile.row * s.n + tile.column, s.n);
  if (status == dnnl_out_of_memory) throw OutOfMemoryError("gemm: oneDNN ran out of memory");
  if (status != dnnl_success) fail("gemm: oneDNN's sgemm failed with status ", int(status));
}

/// True where one factor is a vector whose numbers lie one after the other.
bool has_vector(const GemmShape& s) {
  if (s.m == 1) return !s.transpose_a || s.step_a() == 1;
  return s.n == 1 && (s.transpose_b || s.step_b() == 1);
}

void multiply(const GemmShape& s, const float* a, const float* b, float* c) {
  // A call of oneDNN costs as much as the product of two 8 × 8 matrices.
  if (s.batch > 1 && s.m * s.n * s.k <= 512) return multiply<float>(s, a, b, c);
  if (has_vector(s)) {
    for (int64_t batch = 0; batch < s.batch; ++batch)
      multiply_vector(s, a + batch * s.stride_a, b + batch * s.stride_b, c + batch * s.stride_c);
    return;
  }
  cpu::for_each_tile(s, [&](const cpu::GemmTile& tile) {
    add_product(s, tile, a + tile.batch * s.stride_a, b + tile.batch * s.stride_b,
                c + tile.batch * s.stride_c);
  });
}

}  // namespace

template <class T>
void gemm(cpu::Stream, const GemmShape& shape, const T* a, const T* b, const T* bias, T* c) {
  if (shape.m == 0 || shape.n == 0) return;
  for (int64_t batch = 0; batch < shape.batch; ++batch)
    start_rows(shape, bias, c + batch * shape.stride_c);
  if (shape.k > 0) multiply(shape, a, b, c);
}

#define CUTTLE_INSTANTIATE(T) \
  template void gemm<T>(cpu::Stream, const GemmShape&, const T*, const T*, const T*, T*);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)
CUTTLE_INSTANTIATE(int64_t)
CUTTLE_INSTANTIATE(int32_t)
CUTTLE_INSTANTIATE(int16_t)
CUTTLE_INSTANTIATE(int8_t)
CUTTLE_INSTANTIATE(uint8_t)

}  // namespace cuttle::kernels
