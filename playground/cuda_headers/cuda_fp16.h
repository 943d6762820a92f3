// In place of CUDA's header of this name where a kernel file runs on the CPU.
#pragma once
#include "../../kernels/simt/device.h"
