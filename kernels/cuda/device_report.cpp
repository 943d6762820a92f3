// The host's side of bad values found on a device.
#include "device_report.h"

#include <atomic>
#include <bit>
#include <map>
#include <memory>
#include <mutex>
#include <new>

#include "../cuda_runtime.h"
#include "../multinomial.h"
#include "check.h"
#include "workspace.h"

namespace cuttle::kernels::cuda {

namespace {

struct Reporters {
  std::mutex mutex;
  std::map<int, DeviceReporter> of_device;
};

/// Never destroyed, as in workspace.cpp.
Reporters& reporters() {
  static Reporters* const instance = std::make_unique<Reporters>().release();
  return *instance;
}

DeviceReporter make_reporter(int device) {
  const DeviceGuard guard(device);
  DeviceReporter reporter;
  void* record = allocate_pinned(sizeof(DeviceReport));
  void* claimed = allocate(device, sizeof(int32_t));
  if (record == nullptr || claimed == nullptr) {
    if (record != nullptr) free_pinned(record);
    if (claimed != nullptr) free(device, claimed);
    throw OutOfMemoryError("no memory left for a device's error record");
  }
  reporter.report = new (record) DeviceReport;
  reporter.claimed = static_cast<int32_t*>(claimed);
  clear(device, reporter.claimed, sizeof *reporter.claimed);
  return reporter;
}

std::string sentence(ReportKind kind, const DeviceReport& report) {
  const auto number = std::bit_cast<double>(report.values[0]);
  if (kind == ReportKind::probability_out_of_range)
    return probability_sentence(number, report.values[1]);
  if (kind == ReportKind::bad_weight)
    return weight_sentence(number, report.values[1], report.values[2]);
  if (kind == ReportKind::bad_weight_sum) return weight_sum_sentence(number, report.values[1]);
  std::ostringstream words;
  if (kind == ReportKind::index_out_of_range) {
    words << reinterpret_cast<const char*>(static_cast<intptr_t>(report.values[3])) << ": index "
          << report.values[0] << " is out of range for dimension " << report.values[1]
          << " of size " << report.values[2];
    return words.str();
  }
  words << "cross_entropy: target " << report.values[0] << " at row " << report.values[1]
        << " is out of range for " << report.values[2]
        << " classes; targets are class indices from 0 to " << report.values[2] - 1
        << ", or ignore_index";
  return words.str();
}

}  // namespace

DeviceReporter device_reporter(int device) {
  Reporters& all = reporters();
  const std::lock_guard lock(all.mutex);
  const auto found = all.of_device.find(device);
  if (found != all.of_device.end()) return found->second;
  return all.of_device.emplace(device, make_reporter(device)).first->second;
}

void throw_reported(int device) {
  Reporters& all = reporters();
  const std::lock_guard lock(all.mutex);
  const auto found = all.of_device.find(device);
  if (found == all.of_device.end()) return;
  DeviceReport& report = *found->second.report;
  const std::atomic_ref<int32_t> kind(report.kind);
  const auto found_kind = static_cast<ReportKind>(kind.load(std::memory_order_acquire));
  if (found_kind == ReportKind::none) return;
  const std::string words = sentence(found_kind, report);
  kind.store(0, std::memory_order_release);
  clear(device, found->second.claimed, sizeof *found->second.claimed);
  throw Error(words);
}

}  // namespace cuttle::kernels::cuda
