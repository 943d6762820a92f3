// The answers that hang on the backend of the build.
#include "backends.h"

#include <utility>

#if defined(CUTTLE_SIMT)
#include <cuttle/kernels/simt/options.h>
#include <cuttle/kernels/simt/runtime/launch.h>
#endif

namespace cuttle::test {

std::vector<std::string> devices() {
#if defined(CUTTLE_CUDA)
  return {"cpu", "cuda"};
#else
  return {"cpu"};
#endif
}

std::string launched_kernels() {
  std::string all;
#if defined(CUTTLE_SIMT)
  for (const std::string& name : simt::take_launched_kernels())
    all += (all.empty() ? "" : ";") + name;
#endif
  return all;
}

#if defined(CUTTLE_SIMT)
DeferredStreams::DeferredStreams()
    : before_(std::exchange(simt::options().deferred_streams, true)) {}
DeferredStreams::~DeferredStreams() {
  simt::options().deferred_streams = before_;
}
bool DeferredStreams::are_possible() {
  return true;
}
#else
DeferredStreams::DeferredStreams() = default;
DeferredStreams::~DeferredStreams() = default;
bool DeferredStreams::are_possible() {
  return false;
}
#endif

}  // namespace cuttle::test
