// Whether products are to be computed on bfloat16 as it is.
#pragma once

#include "stream.h"

namespace cuttle::kernels {

/// True where the processor has instructions that multiply bfloat16 and add up in float32 (x86:
/// avx512_bf16, amx_bf16): then conv2d_*<BFloat16> and gemm<BFloat16> are faster than conversion to
/// float32 and the products there.
bool multiplies_bfloat16(cpu::Stream);

}  // namespace cuttle::kernels
