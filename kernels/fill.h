// Constants: out[i] = value, numbers that follow each other, and a 1 that is always there.
#pragma once

#include <type_traits>

#include "half.h"
#include "stream.h"
#include "strided.h"

namespace cuttle::kernels {

/// Writes `value` to every element of `out`, which may be a strided view.
/// T: every element type.
template <class T>
void fill(cpu::Stream, const StridedLoop<1>& loop, T value, T* out);
template <class T>
void fill(cuda::Stream, const StridedLoop<1>& loop, T value, T* out);

/// The address of a 1 that kernels on the stream can read, without one that writes it first. Nobody
/// may write there.  T: the floating ones.
template <class T>
const T* one(cpu::Stream);
template <class T>
const T* one(cuda::Stream);

/// What arange counts in: a start or step that was rounded to float would be off at every element.
template <class T>
using ArangeNumber = std::conditional_t<is_floating<T>, double, T>;

/// out[i] = start + i · step for i < n. Floating types compute in double, product and sum rounded
/// one after the other, and round to T at the end: the same bits on every device. Integers wrap
/// around.  T: every one but bool.
template <class T>
void arange(cpu::Stream, ArangeNumber<T> start, ArangeNumber<T> step, int64_t n, T* out);
template <class T>
void arange(cuda::Stream, ArangeNumber<T> start, ArangeNumber<T> step, int64_t n, T* out);

/// out[i] = start + i · step in the first half of n, and end − (n − 1 − i) · step in the second, in
/// double, product and sum rounded one after the other. Floating types round to T; integers cut the
/// fraction off.  T: every one but bool.
template <class T>
void linspace(cpu::Stream, double start, double end, double step, int64_t n, T* out);
template <class T>
void linspace(cuda::Stream, double start, double end, double step, int64_t n, T* out);

}  // namespace cuttle::kernels
