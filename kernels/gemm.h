// Matrix product with an optional bias row, batched.
#pragma once

#include <cstdint>

#include "half.h"
#include "stream.h"

namespace cuttle::kernels {

/// C_b = op(A_b) · op(B_b) + bias + beta · C_b for each b < batch, all row-major, C dense:
/// op(A) is (m, k): A is (m, k), or (k, m) with transpose_a; op(B) is (k, n): B is (k, n), or (n,
/// k) with transpose_b; C is (m, n). Matrix b starts stride_x · b elements in (stride 0: the same
/// matrix each time); the rows of A and B as they are stored lie line_x elements apart (0: dense),
/// at least as many as they have. Any of m, n, k, batch may be 0; with k = 0, C = bias + beta · C.
/// beta is 0 or 1; with 0, C's old contents are never read.
struct GemmShape {
  int64_t m = 0, n = 0, k = 0;
  bool transpose_a = false, transpose_b = false;
  int64_t batch = 1;
  int64_t stride_a = 0, stride_b = 0, stride_c = 0;
  bool accumulate = false;  // beta = 1
  int64_t line_a = 0, line_b = 0;

  /// Elements of a row of A and B as they are stored, and from row to row.
  constexpr int64_t row_a() const { return transpose_a ? m : k; }
  constexpr int64_t row_b() const { return transpose_b ? k : n; }
  constexpr int64_t step_a() const { return line_a > 0 ? line_a : row_a(); }
  constexpr int64_t step_b() const { return line_b > 0 ? line_b : row_b(); }
};

/// `bias` (n) is added to every row; nullptr: none. Accumulated in T; integers wrap around.
/// T: float, double, int64_t, int32_t, int16_t, int8_t, uint8_t; on the CPU also BFloat16, where
/// multiplies_bfloat16() (bfloat16.h), which is added up in float and rounded once.
template <class T>
void gemm(cpu::Stream, const GemmShape& shape, const T* a, const T* b, const T* bias, T* c);
template <class T>
void gemm(cuda::Stream, const GemmShape& shape, const T* a, const T* b, const T* bias, T* c);
template <>
void gemm(cpu::Stream, const GemmShape& shape, const BFloat16* a, const BFloat16* b,
          const BFloat16* bias, BFloat16* c);

}  // namespace cuttle::kernels
