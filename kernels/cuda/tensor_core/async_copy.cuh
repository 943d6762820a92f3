// Copies from global to shared memory that run beside the arithmetic: cp.async (compute capability
// 8.0 and later). Each thread waits for its own copies; a barrier then shows them to the block. In
// the interpreter the bytes move at the wait.
#pragma once

#include <cstdint>

#include "ptx.cuh"

namespace cuttle::kernels::cuda {

/// Starts to copy `Bytes` (4, 8 or 16) to shared memory, or to write zeros if not `inside`; `from`
/// is then not read. Both addresses are multiples of Bytes.
template <int Bytes>
__device__ __forceinline__ void copy_async(void* to, const void* from, bool inside CUTTLE_SITE) {
#if defined(__CUDACC__)
  static_assert(Bytes == 4 || Bytes == 8 || Bytes == 16, "cp.async moves 4, 8 or 16 bytes");
  const auto address = static_cast<uint32_t>(__cvta_generic_to_shared(to));
  [[maybe_unused]] const int bytes = inside ? Bytes : 0;
  if constexpr (Bytes == 16) {  // past the first cache, which has no use for them
    CUTTLE_PTX_80("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from),
                  "r"(bytes)
                  : "memory");
  } else {
    CUTTLE_PTX_80("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(address), "l"(from),
                  "n"(Bytes), "r"(bytes)
                  : "memory");
  }
#else
  simt::copy_async<Bytes>(to, from, inside, site);
#endif
}

/// Makes a group of the copies started since the last call.
__device__ __forceinline__ void commit_copies() {
#if defined(__CUDACC__)
  CUTTLE_PTX_80("cp.async.commit_group;" ::: "memory");
#else
  simt::commit_copies();
#endif
}

/// Waits until at most the `GroupsLeft` youngest groups of this thread are under way.
template <int GroupsLeft>
__device__ __forceinline__ void wait_for_copies() {
#if defined(__CUDACC__)
  CUTTLE_PTX_80("cp.async.wait_group %0;" ::"n"(GroupsLeft) : "memory");
#else
  simt::wait_for_copies(GroupsLeft);
#endif
}

}  // namespace cuttle::kernels::cuda
