// Element by element: unary, binary, comparison. One kernel family, the operation an argument.
#pragma once

#include "half.h"
#include "stream.h"
#include "strided.h"

namespace cuttle::kernels {

enum class UnaryOp { neg, abs, exp, log, sqrt, relu, sigmoid, tanh };

/// `pow` is x^y; `masked(g, m)` is g where m is not 0 (a NaN is not), else 0: a gradient passes a
/// mask so, for g · m would make NaN of an infinite g. Integer division truncates toward zero as in
/// C++; the caller keeps zero divisors of integers out.
enum class BinaryOp { add, sub, mul, div, maximum, minimum, pow, masked };

enum class CompareOp { eq, ne, lt, le, gt, ge };

/// out = op(x), operands (x, out). T: the floating types; neg, abs and relu also the integers.
template <class T>
void unary(cpu::Stream, UnaryOp op, const StridedLoop<2>& loop, const T* x, T* out);
template <class T>
void unary(cuda::Stream, UnaryOp op, const StridedLoop<2>& loop, const T* x, T* out);

/// out = op(a, b), operands (a, b, out). T: every element type (bool: add is or, mul is and).
template <class T>
void binary(cpu::Stream, BinaryOp op, const StridedLoop<3>& loop, const T* a, const T* b, T* out);
template <class T>
void binary(cuda::Stream, BinaryOp op, const StridedLoop<3>& loop, const T* a, const T* b, T* out);

/// out = op(x, scalar), or op(scalar, x) with `scalar_first`; operands (x, out).
template <class T>
void binary_scalar(cpu::Stream, BinaryOp op, const StridedLoop<2>& loop, const T* x, T scalar,
                   bool scalar_first, T* out);
template <class T>
void binary_scalar(cuda::Stream, BinaryOp op, const StridedLoop<2>& loop, const T* x, T scalar,
                   bool scalar_first, T* out);

/// out = a <op> b, operands (a, b, out). T: every element type.
template <class T>
void compare(cpu::Stream, CompareOp op, const StridedLoop<3>& loop, const T* a, const T* b,
             bool* out);
template <class T>
void compare(cuda::Stream, CompareOp op, const StridedLoop<3>& loop, const T* a, const T* b,
             bool* out);

}  // namespace cuttle::kernels
