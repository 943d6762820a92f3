// Each GPU beside the architectures in the binary, and whether a program may begin on it.
#include <algorithm>

#include "judge.h"

namespace cuttle::doctor {

namespace {

constexpr size_t kGiB = size_t{1} << 30;

std::string capability_words(int capability) {
  return std::to_string(capability / 10) + "." + std::to_string(capability % 10);
}

std::string gibibytes(size_t bytes) {
  const size_t tenths = bytes / (kGiB / 10);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " GiB";
}

bool runs_machine_code(const Architecture& made, int capability) {
  if (!made.machine_code) return false;
  if (made.this_one_only) return made.capability == capability;
  return made.capability / 10 == capability / 10 && made.capability <= capability;
}

bool compiles_ptx(const Architecture& made, int capability) {
  return made.ptx && !made.this_one_only && made.capability <= capability;
}

std::string rebuild_for(int capability) {
  return "Build for it: tools/build.sh -p cuda -D CMAKE_CUDA_ARCHITECTURES=" +
         std::to_string(capability);
}

/// The kernels in the binary, for one GPU.
void judge_architectures(const Facts& facts, const Gpu& gpu, Findings& findings) {
  const auto made = parse_architectures(facts.build.architecture_list);
  const auto any = [&](auto&& suits) {
    return std::any_of(made.begin(), made.end(),
                       [&](const Architecture& a) { return suits(a, gpu.capability); });
  };
  if (made.empty() || any(runs_machine_code)) return;
  const std::string named =
      gpu.name + " has compute capability " + capability_words(gpu.capability);
  const std::string in_binary = "this build's kernels are for " + facts.build.architecture_list;
  if (!any(compiles_ptx)) {
    const bool is_older = std::all_of(made.begin(), made.end(), [&](const Architecture& a) {
      return a.capability > gpu.capability;
    });
    findings.push_back(
        {Finding::problem,
         named + ", and " + in_binary + ": " +
             (is_older ? "all for newer GPUs." : "none of them runs on it."),
         rebuild_for(gpu.capability) + (gpu.capability < 75
                                            ? "; CUDA 13 no longer compiles for GPUs before 7.5, "
                                              "CUDA 12 does."
                                            : ".")});
    return;
  }
  if (facts.driver.cuda < facts.build.runtime) {
    findings.push_back({Finding::problem,
                        named + ", for which this build has PTX alone, and PTX of CUDA " +
                            facts.build.runtime.str() + " is beyond a driver of CUDA " +
                            facts.driver.cuda.str() + ".",
                        rebuild_for(gpu.capability) + ", or install a newer driver."});
    return;
  }
  findings.push_back(
      {Finding::advice,
       named + ", and " + in_binary +
           ": the driver compiles them from PTX when a program first starts, which takes "
           "minutes, and again after each update of the driver.",
       rebuild_for(gpu.capability) + "."});
}

/// Whether a program may begin on it, and finds memory.
void judge_use(const Gpu& gpu, Findings& findings) {
  if (gpu.compute_mode == 2) {
    findings.push_back({Finding::problem,
                        gpu.name + " is in prohibited mode: no program may compute on it.",
                        "sudo nvidia-smi -c DEFAULT."});
  } else if (!gpu.error.empty() && gpu.compute_mode == 3) {
    findings.push_back(
        {Finding::problem,
         gpu.name + " is in exclusive mode, and another process has it (" + gpu.error + ").",
         "nvidia-smi shows which; end it, or share the GPU: sudo nvidia-smi -c DEFAULT."});
  } else if (!gpu.error.empty()) {
    findings.push_back(
        {Finding::problem, "No program can begin on " + gpu.name + ": " + gpu.error + ".",
         "nvidia-smi shows who uses it and how it fares; a GPU that has failed needs sudo "
         "nvidia-smi --gpu-reset, or a restart of the machine."});
  } else if (gpu.free_memory < std::min(kGiB, gpu.memory / 2)) {
    findings.push_back({Finding::advice,
                        "Of the " + gibibytes(gpu.memory) + " of " + gpu.name + " only " +
                            gibibytes(gpu.free_memory) +
                            " are free: other processes have the rest.",
                        "nvidia-smi shows them; a notebook's other kernel is one of them."});
  } else if (gpu.compute_mode == 3) {
    findings.push_back({Finding::advice,
                        gpu.name +
                            " is in exclusive mode: one process at a time, so that a notebook's "
                            "kernel keeps the trainer out.",
                        "sudo nvidia-smi -c DEFAULT."});
  }
}

}  // namespace

void judge_gpus(const Facts& facts, Findings& findings) {
  for (const Gpu& gpu : facts.driver.gpus) {
    judge_architectures(facts, gpu, findings);
    judge_use(gpu, findings);
  }
}

}  // namespace cuttle::doctor
