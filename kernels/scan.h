// Scans: element k of the result is made of the elements 0 … k of the input along one dimension.
#pragma once

#include <cstdint>

#include "stream.h"

namespace cuttle::kernels {

/// What is scanned: arrays (outer, length, inner), dense, along the middle; with `reverse` from the
/// last element to the first.
struct ScanShape {
  int64_t outer = 1, length = 0, inner = 1;
  bool reverse = false;

  constexpr int64_t numel() const { return outer * length * inner; }
};

/// sum, prod: Σ x, Π x.  logsumexp: log Σ exp(x), which no finite input overflows.
enum class ScanOp { sum, prod, logsumexp };

/// out[k] = op over x[0 … k]; `out` may be x. Accumulated in double on the CPU, in Compute<T> on
/// the GPU, integers with wrap-around. The order of the operations is fixed by the shape alone, so
/// that a result is the same in every run; on the GPU it is a tree over pieces of a row.
/// T: float, double, Half, BFloat16; int64_t but for logsumexp.
template <class T>
void scan(cpu::Stream, ScanOp op, const ScanShape& shape, const T* x, T* out);
template <class T>
void scan(cuda::Stream, ScanOp op, const ScanShape& shape, const T* x, T* out);

/// out[k] = the largest (or smallest) of x[0 … k], places[k] = its position along the dimension:
/// the last of equals. A NaN counts as both.
/// T: float, double, Half, BFloat16, int64_t, int32_t, int16_t, int8_t, uint8_t.
template <class T>
void scan_extremes(cpu::Stream, bool largest, const ScanShape& shape, const T* x, T* out,
                   int64_t* places);
template <class T>
void scan_extremes(cuda::Stream, bool largest, const ScanShape& shape, const T* x, T* out,
                   int64_t* places);

/// The linear recurrence out[k] = factors[k] · out[k − 1] + terms[k]. factors[k] joins k − 1 and k,
/// backwards too: with `reverse` out[k] = factors[k + 1] · out[k + 1] + terms[k]. factors[0] is not
/// used; a factor of 0 parts what it joins, even from an infinity. T: as in scan.
template <class T>
void scan_linear(cpu::Stream, const ScanShape& shape, const T* factors, const T* terms, T* out);
template <class T>
void scan_linear(cuda::Stream, const ScanShape& shape, const T* factors, const T* terms, T* out);

}  // namespace cuttle::kernels
