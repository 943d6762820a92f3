// Element by element: every row of the table, and the derivatives that have kernels of their own.
#pragma once

#include "elementwise_table.h"
#include "half.h"
#include "stream.h"
#include "strided.h"

namespace cuttle::kernels {

/// The most parameters that a row has.
inline constexpr int kMaxParameters = 3;

/// The operands of type T that a kernel reads (`where`'s first is bool). An operand without an
/// array is a number, the same for all elements; its strides are 0.
template <class T, int N>
struct ElementwiseInputs {
  const void* at[N > 0 ? N : 1] = {};
  T number[N > 0 ? N : 1] = {};
  Compute<T> parameter[kMaxParameters] = {};
};

/// out = the formula of row `op`, or, with part = 1, 2, 3, the gradient of its first, second, third
/// operand. Operands of the loop: the row's, then out; for a gradient that of the result, then the
/// row's, of which those that the gradient does not need may be given as numbers (a row with one
/// operand whose gradient needs the result has that in its place). N = 1 to 4 counts them without
/// out. `out` is T, or bool where the row gives truth values. T: the element types that the row
/// takes; gradients exist for the floating ones where the formula's kFused says so. `out` may be
/// one of the inputs. Integer division by 0 gives 0.
template <class T, int N>
void elementwise(cpu::Stream, Elementwise op, int part, const StridedLoop<N + 1>& loop,
                 const ElementwiseInputs<T, N>& in, void* out);
template <class T, int N>
void elementwise(cuda::Stream, Elementwise op, int part, const StridedLoop<N + 1>& loop,
                 const ElementwiseInputs<T, N>& in, void* out);

using BinaryOp = Elementwise;

/// out = op(a, b) of a row that gives the dtype it takes; operands (a, b, out).
template <class T, class Stream>
void binary(Stream stream, Elementwise op, const StridedLoop<3>& loop, const T* a, const T* b,
            T* out) {
  elementwise<T, 2>(stream, op, 0, loop, {{a, b}}, out);
}

}  // namespace cuttle::kernels
