// What the files that wrap instructions share: assembly that older GPUs do not have, and where the
// interpreter's reports say that an instruction stands.
#pragma once

#include "../gpu.h"

#if defined(__CUDACC__)

// For GPUs without the instruction a trap is compiled, which the launchers never let run.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
#define CUTTLE_PTX_80(...) __trap()
#else
#define CUTTLE_PTX_80(...) asm volatile(__VA_ARGS__)
#endif

// Instructions of one architecture alone.
#if defined(__CUDA_ARCH__) && !defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define CUTTLE_PTX_90A(...) __trap()
#else
#define CUTTLE_PTX_90A(...) asm volatile(__VA_ARGS__)
#endif

/// A last parameter of functions: the caller's place, for the interpreter alone.
#define CUTTLE_SITE

#else

#define CUTTLE_SITE , simt::Site site = simt::Site()

#endif
