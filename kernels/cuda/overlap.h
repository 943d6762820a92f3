// Where a kernel may start before the one ahead of it in its stream has ended (programmatic
// dependent launch): see launch_overlapping() in launch.h.
#pragma once

#include <algorithm>
#include <initializer_list>

namespace cuttle::kernels::cuda {

/// The device's architecture as __CUDA_ARCH__ counts: 900 for compute capability 9.0.
int architecture(int device);

/// The first architecture whose code can wait for its predecessor.
inline constexpr int kWaitsFrom = 900;

/// True where the code that the driver chooses for an architecture, out of a file's, is code that
/// waits. The driver takes machine code of the same major version, else translates the newest
/// intermediate code that is not too new; which of the others that is cannot be told, so that all
/// of them must be able to wait. compiled: the file's architectures, in any order.
constexpr bool code_waits(int architecture, std::initializer_list<int> compiled) {
  if (architecture < kWaitsFrom || compiled.size() == 0) return false;
  const bool has_own = std::any_of(compiled.begin(), compiled.end(), [=](int other) {
    return other / 100 == architecture / 100 && other <= architecture;
  });
  return has_own || std::min(compiled) >= kWaitsFrom;
}

}  // namespace cuttle::kernels::cuda
