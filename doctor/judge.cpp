#include "judge.h"

namespace cuttle::doctor {

namespace {

/// A GPU that a build without CUDA leaves idle.
void judge_backend(const Facts& facts, Findings& findings) {
  const Build& build = facts.build;
  const int gpus = static_cast<int>(facts.driver.gpus.size());
  if (build.backend == "cuda" || (gpus == 0 && facts.driver.present == 0)) return;
  const std::string gpu = gpus > 0 ? facts.driver.gpus.front().name : "an NVIDIA GPU";
  if (build.requested != "auto") {
    findings.push_back({Finding::advice,
                        "This machine has " + gpu +
                            ", and this build does not use it, for it was "
                            "configured with CUTTLE_GPU=" +
                            build.requested + ".",
                        "Build for the GPU: tools/build.sh -p cuda."});
    return;
  }
  findings.push_back(
      {Finding::problem,
       "This machine has " + gpu + ", and this build does without it" +
           (build.reason.empty() ? "." : ": when it was configured, " + build.reason + "."),
       "Mend that, then build again from the start: rm -rf build/auto && "
       "tools/build.sh."});
}

/// The compiler that the next build would take, beside the driver that would have to run it.
void judge_nvcc(const Facts& facts, Findings& findings) {
  const Version driver = facts.driver.cuda, nvcc = facts.nvcc_version;
  if (!driver || !nvcc || nvcc.first <= driver.first) return;
  if (facts.build.backend == "cuda" && facts.build.runtime.first > driver.first)
    return;  // told already
  findings.push_back({Finding::advice,
                      facts.nvcc + " is of CUDA " + nvcc.str() +
                          ", newer than the driver, which runs CUDA up to " + driver.str() +
                          ": what it compiles will not start here.",
                      "Install a newer driver, or name a toolkit of CUDA " +
                          std::to_string(driver.first) + " for the next build, CUDA_HOME=DIR."});
}

}  // namespace

Findings judge(const Facts& facts) {
  Findings findings;
  judge_backend(facts, findings);
  if (facts.build.backend == "cuda") {
    judge_driver(facts, findings);
    judge_gpus(facts, findings);
    judge_libraries(facts, findings);
  }
  judge_nvcc(facts, findings);
  judge_host(facts, findings);
  return findings;
}

}  // namespace cuttle::doctor
