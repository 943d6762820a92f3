// The doctor on GPUs: the kernels in the binary, modes, memory.
#include "made_up.h"

namespace cuttle::doctor {
namespace {

/// A GPU of this capability, and a build for these architectures.
Facts pair(int capability, const std::string& architectures) {
  Facts facts = healthy();
  facts.driver.gpus[0].name = "GPU";
  facts.driver.gpus[0].capability = capability;
  facts.build.architecture_list = architectures;
  return facts;
}

TEST(JudgeGpus, MachineCodeOfTheGpu) {
  for (const auto& [capability, architectures] : {std::pair{75, "75"},
                                                  {86, "80-real;90"},
                                                  {89, "75-real;86-real"},
                                                  {90, "90a"},
                                                  {120, "120"},
                                                  {90, "75-real;80-real;86-real;89-real;90"},
                                                  {75, "native"},
                                                  {75, ""}})
    EXPECT_TRUE(judge(pair(capability, architectures)).empty())
        << capability << " " << architectures;
}

TEST(JudgeGpus, NothingForIt) {
  expect_problem(pair(75, "80;90"),
                 "capability 7.5, and this build's kernels are for 80;90: all for newer",
                 "CMAKE_CUDA_ARCHITECTURES=75.");
  expect_problem(pair(61, "75"), "all for newer", "CUDA 13 no longer compiles");
  expect_problem(pair(90, "75-real;80-real"), "none of them runs on it",
                 "CMAKE_CUDA_ARCHITECTURES=90");
  expect_problem(pair(100, "90a"), "none of them runs on it", "CMAKE_CUDA_ARCHITECTURES=100");
  expect_problem(pair(80, "86-real"), "all for newer", "CMAKE_CUDA_ARCHITECTURES=80");
}

TEST(JudgeGpus, PtxAlone) {
  expect_advice(pair(90, "75-real;80"), "compiles them from PTX", "CMAKE_CUDA_ARCHITECTURES=90");
  expect_advice(pair(120, "80-virtual"), "compiles them from PTX", "CMAKE_CUDA_ARCHITECTURES=120");
  Facts facts = pair(90, "80");
  facts.driver.cuda = {12, 2};
  expect_problem(facts, "PTX of CUDA 12.4 is beyond a driver of CUDA 12.2", "newer driver");
}

TEST(JudgeGpus, EveryGpuIsJudged) {
  Facts facts = healthy();
  facts.driver.present = 2;
  facts.driver.gpus.push_back({.name = "GeForce GTX 1080",
                               .capability = 61,
                               .memory = size_t{8} << 30,
                               .free_memory = size_t{8} << 30});
  expect_problem(facts, "GeForce GTX 1080", "CMAKE_CUDA_ARCHITECTURES=61");
}

TEST(JudgeGpus, Modes) {
  Facts facts = healthy();
  Gpu& gpu = facts.driver.gpus[0];
  gpu.compute_mode = 3;
  expect_advice(facts, "exclusive mode: one process", "nvidia-smi -c DEFAULT");
  gpu.error = "device busy";
  expect_problem(facts, "exclusive mode, and another process has it (device busy)", "nvidia-smi");
  gpu.compute_mode = 2;
  expect_problem(facts, "prohibited mode", "nvidia-smi -c DEFAULT");
  gpu.compute_mode = 0;
  gpu.error = "uncorrectable ECC error encountered";
  expect_problem(facts, "No program can begin on Tesla T4: uncorrectable ECC error", "--gpu-reset");
}

TEST(JudgeGpus, LittleMemory) {
  Facts facts = healthy();
  facts.driver.gpus[0].free_memory = size_t{300} << 20;
  expect_advice(facts, "Of the 15.0 GiB of Tesla T4 only 0.2 GiB are free",
                "nvidia-smi shows them");
}

}  // namespace
}  // namespace cuttle::doctor
