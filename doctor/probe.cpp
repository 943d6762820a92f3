#include "probe.h"

#include <cstdlib>

#include "build.h"

namespace cuttle::doctor {

namespace {

std::optional<std::string> variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

Facts probe() {
  Facts facts{.build = this_build()};
  const LibraryNames names = linked_libraries();
  facts.driver = probe_driver("libcuda.so.1");
  probe_cudnn(names.cudnn, facts);
  probe_cublas(names.cublas, facts);
  probe_toolkit(facts);
  facts.host = probe_host(names.onednn);
  facts.environment = {.visible_devices = variable("CUDA_VISIBLE_DEVICES"),
                       .omp_num_threads = variable("OMP_NUM_THREADS")};
  return facts;
}

}  // namespace cuttle::doctor
