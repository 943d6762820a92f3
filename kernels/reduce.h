// Reductions over some dimensions of a tensor: sums, products, extremes and where they are, counts,
// variances, norms, the logarithm of a sum of exponentials.
#pragma once

#include "half.h"
#include "stream.h"
#include "strided.h"

namespace cuttle::kernels {

/// Output element o is the reduction of `inner.numel()` inputs:
///   x + Σ o_d · outer.strides[0][d] + Σ r_d · inner.strides[0][d].
/// outer's operands are (x, out), inner's are (x). inner.numel() may be 0: then the result is that
/// of no element, where the operation has one.
struct ReduceLoop {
  StridedLoop<2> outer;
  StridedLoop<1> inner;
};

/// T: the element type. S: T where it is floating, else int64_t, in which integers wrap around.
enum class ReduceOp : uint8_t {
  // for all types
  sum,            // S: Σ x
  nansum,         // S: Σ x without the NaN
  prod,           // S: Π x
  amax,           // T: the largest, a NaN if there is one; inner.numel() ≥ 1
  amin,           // T: the smallest, likewise
  argmax,         // T and int64_t: the largest and its position in inner order, the first of equals
  argmin,         // T and int64_t: the smallest, likewise
  any,            // bool: is one not 0?
  all,            // bool: is none 0?
  count_nonzero,  // int64_t: how many are not 0
  // for floating types
  mean,  // T: Σ x / parameter
  var,   // T and T: Σ (x − mean)² / max(0, n − parameter), n = inner.numel(); and the mean
  std,   // the same with √ of the first
  norm,  // T: (Σ |x|^parameter)^(1 / parameter); parameter ±∞: largest / smallest |x|; not 0
  logsumexp,  // T: log Σ exp(x), −∞ of nothing
};

/// Where results go: `second` for operations with two, of which either may be left out.
struct ReduceResults {
  void* first = nullptr;
  void* second = nullptr;
};

/// Accumulated in an order fixed by shape, strides and the alignment of x alone, so that the result
/// is the same in every run and for every number of threads: on the CPU in double, and on the GPU
/// in float (double for double) with sums compensated and in a tree, so that a sum of 10⁸ numbers
/// of one sign is right to some units of its last digit. Variances are Welford's, so that a large
/// mean does not cost them their digits. T: every element type.
template <class T>
void reduce(cpu::Stream, ReduceOp op, double parameter, const ReduceLoop& loop, const T* x,
            const ReduceResults& out);
template <class T>
void reduce(cuda::Stream, ReduceOp op, double parameter, const ReduceLoop& loop, const T* x,
            const ReduceResults& out);

}  // namespace cuttle::kernels
