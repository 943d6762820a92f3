// The devices' architectures, asked for once: a launch is too short a time for it.
#include "overlap.h"

#include <array>
#include <atomic>

#include "check.h"

namespace cuttle::kernels::cuda {

int architecture(int device) {
  constexpr int kRemembered = 64;
  static std::array<std::atomic<int>, kRemembered> known = {};  // 0: not asked yet
  if (device < kRemembered) {
    if (const int found = known[device].load(std::memory_order_relaxed)) return found;
  }
  int major = 0, minor = 0;
  check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device),
        "cudaDeviceGetAttribute");
  check(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device),
        "cudaDeviceGetAttribute");
  const int found = 100 * major + 10 * minor;
  if (device < kRemembered) known[device].store(found, std::memory_order_relaxed);
  return found;
}

}  // namespace cuttle::kernels::cuda
