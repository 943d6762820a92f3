// All that a kernel file sees of CUDA when a plain C++ compiler compiles it. Kernel files reach it
// through kernels/cuda/gpu.h. Start reading at multiprocessor.h to see how a block runs.
#pragma once

#include "atomics.h"
#include "barriers.h"
#include "float16_maths.h"
#include "groups.h"
#include "interpreter.h"
#include "launch.h"
#include "maths.h"
#include "qualifiers.h"
#include "runtime_headers.h"
#include "shared_memory.h"
#include "warp.h"
