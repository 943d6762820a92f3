// Random numbers by Philox: out[i] is a function of (seed, offset, i) alone.
#pragma once

#include "distributions.h"
#include "stream.h"
#include "strided.h"

namespace cuttle::kernels {

/// Fills `out` with numbers of the distribution. The loop's position i is the element's index, and
/// operand 0 its place in memory (operand 1 is there to keep the order: the strides of a dense
/// tensor). A distribution that makes N elements a block gives elements bN … bN + N − 1 what
/// philox(seed, offset, b) says. Nothing else counts: not the launch, the threads or the strides,
/// so the same bits come on every device. Throws Error where the distribution does not make T
/// (Uniform, Normal and Exponential make floating types, Geometric all but bool).  T: every element
/// type.
template <class T>
void random(cpu::Stream, const PhiloxAt& at, const StridedLoop<2>& loop,
            const Distribution& distribution, T* out);
template <class T>
void random(cuda::Stream, const PhiloxAt& at, const StridedLoop<2>& loop,
            const Distribution& distribution, T* out);

}  // namespace cuttle::kernels
