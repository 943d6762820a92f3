// Strided copy with conversion between element types: contiguous(), to(dtype), copy_().
#pragma once

#include "half.h"
#include "stream.h"
#include "strided.h"

namespace cuttle::kernels {

/// out[i] = Out(x[i]) with operands (x, out). Conversions follow C++, except that anything to bool
/// is `x != 0`. In, Out: every element type; a 16-bit float rounds a double by way of float, as in
/// PyTorch.
template <class In, class Out>
void copy(cpu::Stream, const StridedLoop<2>& loop, const In* x, Out* out);
template <class In, class Out>
void copy(cuda::Stream, const StridedLoop<2>& loop, const In* x, Out* out);

}  // namespace cuttle::kernels
