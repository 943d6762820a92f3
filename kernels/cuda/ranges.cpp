#include "../cuda_ranges.h"

#if defined(CUTTLE_VENDOR_LIBRARIES)
#include <nvtx3/nvToolsExt.h>
#endif

namespace cuttle::kernels::cuda {

#if defined(CUTTLE_VENDOR_LIBRARIES)
void push_range(const char* name) noexcept {
  nvtxRangePushA(name);
}
void pop_range() noexcept {
  nvtxRangePop();
}
#else
void push_range(const char*) noexcept {}
void pop_range() noexcept {}
#endif

}  // namespace cuttle::kernels::cuda
