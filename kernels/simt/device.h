// All that a kernel file sees of CUDA when a plain C++ compiler compiles it. Kernel files reach it
// through kernels/cuda/gpu.h. Start reading at execution/multiprocessor.h to see how a block runs.
#pragma once

#include "language/async_copy.h"
#include "language/atomics.h"
#include "language/barriers.h"
#include "language/float16_maths.h"
#include "language/groups.h"
#include "language/interpreter.h"
#include "language/maths.h"
#include "language/matrix.h"
#include "language/qualifiers.h"
#include "language/runtime_headers.h"
#include "language/shared_memory.h"
#include "language/warp.h"
#include "language/warpgroup.h"
#include "runtime/launch.h"
