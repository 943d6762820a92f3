// Threads beside the processors that there are, memory, and oneDNN.
#include <algorithm>
#include <cmath>

#include "judge.h"

namespace cuttle::doctor {

namespace {

constexpr size_t kGiB = size_t{1} << 30;
constexpr unsigned kAvx512Bfloat16 = 0xe7;  // dnnl_cpu_isa_avx512_core_bf16, a set of bits

void judge_threads(const Facts& facts, Findings& findings) {
  const Host& host = facts.host;
  int usable = host.allowed > 0 ? host.allowed : host.processors;
  std::string limit = "this process may run on " + std::to_string(usable) + " processors";
  if (host.quota > 0 && host.quota < usable) {
    usable = std::max(1, static_cast<int>(std::ceil(host.quota)));
    limit = "the container is granted the time of " + std::to_string(usable);
  }
  const auto& wish = facts.environment.omp_num_threads;
  const std::string threads =
      std::to_string(host.threads) + " threads" + (wish ? " (OMP_NUM_THREADS=" + *wish + ")" : "");
  if (usable > 0 && host.threads > usable) {
    findings.push_back({Finding::advice,
                        "The CPU kernels start " + threads + ", and " + limit +
                            ": they wait for each other, and a step takes many times as long.",
                        "export OMP_NUM_THREADS=" + std::to_string(usable) + "."});
  } else if (wish && host.threads < usable) {
    findings.push_back({Finding::advice,
                        "The CPU kernels start " + threads + ", and there are " +
                            std::to_string(usable) + " processors.",
                        "unset OMP_NUM_THREADS, unless it is meant so."});
  }
}

void judge_memory(const Host& host, Findings& findings) {
  if (host.memory == 0 || host.free_memory >= 2 * kGiB) return;
  findings.push_back(
      {Finding::advice,
       "Only " + std::to_string(host.free_memory >> 20) +
           " MiB of memory are free, and "
           "the compiler takes 1500 MiB for a file.",
       "End what else runs, and build with CMAKE_BUILD_PARALLEL_LEVEL=1 tools/build.sh."});
}

void judge_onednn(const Facts& facts, Findings& findings) {
  const Host& host = facts.host;
  const bool computes_here = facts.build.backend == "off" || facts.driver.gpus.empty();
  if (host.onednn.name.empty()) return;  // it is in the program
  if (!host.onednn.found()) {
    findings.push_back(
        {Finding::problem,
         "oneDNN: " + host.onednn.name + " does not load (" + host.onednn.error +
             "), so no program of this build starts.",
         "tools/setup.sh installs it (libdnnl-dev); where it lies elsewhere, add its folder "
         "to LD_LIBRARY_PATH."});
  } else if (computes_here && host.onednn_isa != 0 &&
             (host.onednn_isa & kAvx512Bfloat16) != kAvx512Bfloat16) {
    findings.push_back({Finding::advice,
                        "This processor has no bfloat16 products that oneDNN " +
                            host.onednn.version.str() +
                            " would use: autocast to bfloat16 on the CPU saves no time.",
                        "Train in float32 on this CPU."});
  }
}

}  // namespace

void judge_host(const Facts& facts, Findings& findings) {
  judge_threads(facts, findings);
  judge_memory(facts.host, findings);
  judge_onednn(facts, findings);
}

}  // namespace cuttle::doctor
