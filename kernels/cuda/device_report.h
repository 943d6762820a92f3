// What a kernel can tell the host about a bad value: a record in page-locked memory that both see.
// The host's side; kernels write it through device_report.cuh.
#pragma once

#include <cstdint>

namespace cuttle::kernels::cuda {

enum class ReportKind : int32_t {
  none,
  target_out_of_range,
  index_out_of_range,
  probability_out_of_range,
  bad_weight,
  bad_weight_sum
};

/// Written once by the first kernel thread that meets a bad value, read and cleared by the host.
struct DeviceReport {
  int32_t kind = 0;  // a ReportKind, written last
  int64_t values[4] = {};
};

/// Where a kernel reports to; a plain value, passed to it.
struct DeviceReporter {
  DeviceReport* report = nullptr;  // page-locked host memory, mapped to the device
  int32_t* claimed = nullptr;      // device memory: 1 once a thread has taken the record
};

/// The device's record, made on first use.
DeviceReporter device_reporter(int device);

/// Throws Error with the sentence that the record holds, and clears it; returns if it is empty.
/// Call after waiting for the device's work.
void throw_reported(int device);

}  // namespace cuttle::kernels::cuda
