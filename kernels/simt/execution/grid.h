// Runs a whole grid: deals its blocks out to multiprocessors.
#pragma once

#include "../language/kernel_call.h"

namespace cuttle::simt {

/// Runs every block of the launch and returns when the last one is done.
void run_grid(const Launch& launch);

}  // namespace cuttle::simt
