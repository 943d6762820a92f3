// How a kernel reports a bad value. See device_report.h.
#pragma once

#include "device_report.h"
#include "gpu.h"

namespace cuttle::kernels::cuda {

/// Writes the record unless another thread has. The claim is an atomic on device memory (a GPU need
/// not have atomics on host memory); `kind` goes last, so the host never sees half a record.
__device__ inline void report(const DeviceReporter& to, ReportKind kind, int64_t value0,
                              int64_t value1, int64_t value2, int64_t value3 = 0) {
  if (atomicCAS(to.claimed, 0, 1) != 0) return;
  to.report->values[0] = value0;
  to.report->values[1] = value1;
  to.report->values[2] = value2;
  to.report->values[3] = value3;
  __threadfence_system();
  *static_cast<volatile int32_t*>(&to.report->kind) = static_cast<int32_t>(kind);
}

}  // namespace cuttle::kernels::cuda
