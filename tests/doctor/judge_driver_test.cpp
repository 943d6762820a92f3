// The doctor on drivers: from none to one that sees no GPU, and builds that leave a GPU idle.
#include "made_up.h"

namespace cuttle::doctor {
namespace {

/// As `healthy`, without the driver's library.
Facts without_driver() {
  Facts facts = healthy();
  facts.driver = {.library = {.name = "libcuda.so.1", .error = "No such file or directory"}};
  return facts;
}

TEST(JudgeDriver, FindsNothingWhereAllFits) {
  EXPECT_TRUE(judge(healthy()).empty());
  EXPECT_TRUE(judge(without_gpu()).empty());
  Facts interpreter = without_gpu();
  interpreter.build.backend = interpreter.build.requested = "simt";
  EXPECT_TRUE(judge(interpreter).empty());
}

TEST(JudgeDriver, NoDriver) {
  Facts facts = without_driver();
  expect_problem(facts, "neither an NVIDIA GPU nor its driver", "tools/build.sh -p cpu");
  facts.driver.present = 1;
  expect_problem(facts, "has an NVIDIA GPU and no driver", "apt-get install nvidia-driver");
  facts.driver.module = {550, 54, 14};
  expect_problem(
      facts, "driver 550.54.14 is loaded in the kernel, but its library libcuda.so.1 is not here",
      "docker run --gpus all");
}

TEST(JudgeDriver, DriverOlderThanTheRuntime) {
  Facts facts = healthy();
  facts.driver.cuda = {11, 8};
  facts.nvcc = {};
  expect_problem(facts, "runs CUDA up to 11.8, and this build needs CUDA 12.4", "525 or later");
  facts.nvcc = "/usr/local/cuda/bin/nvcc";  // of the same toolkit: nothing more to say
  expect_problem(facts, "CUDA 12.4", "cuda-compat-12-4");
  facts.driver.cuda = {12, 8};
  facts.build.runtime = {13, 0};
  facts.cudnn_runtime = {13, 0};
  facts.cublas.version = {13, 0, 1};
  expect_problem(facts, "up to 12.8, and this build needs CUDA 13.0", "580 or later");
}

TEST(JudgeDriver, AnOlderMinorVersionRunsMachineCode) {
  Facts facts = healthy();
  facts.driver.cuda = {12, 0};
  EXPECT_TRUE(judge(facts).empty());
}

TEST(JudgeDriver, LibraryAndModuleOfDifferentVersions) {
  Facts facts = healthy();
  facts.driver.module = {535, 183, 1};
  expect_problem(facts, "library (550.54.14) and its module in the kernel (535.183.1)", "Restart");
  facts.driver.module = {};
  facts.driver.status = 803;
  facts.driver.gpus = {};
  expect_problem(facts, "library (550.54.14) and its module in the kernel (unknown)", "Restart");
}

TEST(JudgeDriver, ForwardCompatibility) {
  Facts facts = healthy();
  facts.driver.library.path = "/usr/local/cuda-12.4/compat/libcuda.so.550.54.14";
  facts.driver.module = {470, 82, 1};
  EXPECT_TRUE(judge(facts).empty()) << "an older module is what the package is for";
  facts.driver.status = 804;
  facts.driver.words = "forward compatibility was attempted on non supported HW";
  facts.driver.gpus = {};
  expect_problem(facts,
                 "/usr/local/cuda-12.4/compat/libcuda.so.550.54.14 is of the forward-compatibility",
                 "cuda-compat-*");
}

TEST(JudgeDriver, DoesNotStart) {
  Facts facts = healthy();
  facts.driver.gpus = {};
  facts.driver.status = 802;
  facts.driver.words = "system not yet initialized";
  expect_problem(facts, "system not yet initialized (802)", "nvidia-fabricmanager");
  facts.driver.status = 999;
  facts.driver.words = "unknown error";
  expect_problem(facts, "The CUDA driver does not start: unknown error (999).", "dmesg");
}

TEST(JudgeDriver, SeesNoGpu) {
  Facts facts = healthy();
  facts.driver.gpus = {};
  facts.driver.status = 100;
  expect_problem(facts, "the driver sees none", "docker run --gpus all");
  facts.driver.present = 0;
  expect_problem(facts, "this machine has no GPU", "runtime, with a GPU");
}

TEST(JudgeDriver, VisibleDevices) {
  Facts facts = healthy();
  facts.environment.visible_devices = "0";
  EXPECT_TRUE(judge(facts).empty());
  facts.driver.present = 4;
  facts.environment.visible_devices = "2";
  expect_advice(facts, "is '2': programs see 1 of the 4 GPUs", "unset CUDA_VISIBLE_DEVICES");
  facts.driver.gpus = {};
  facts.environment.visible_devices = "7";
  expect_problem(facts, "CUDA_VISIBLE_DEVICES is '7', which names no GPU", "nvidia-smi -L");
  facts.environment.visible_devices = "";
  expect_problem(facts, "CUDA_VISIBLE_DEVICES is '', which hides every GPU", "unset");
}

TEST(JudgeDriver, BuiltWithoutCudaThoughThereIsAGpu) {
  Facts facts = without_gpu();
  facts.driver = healthy().driver;
  facts.build.reason = "there is a GPU, but a CUDA build lacks cuDNN 9";
  expect_problem(facts,
                 "has Tesla T4, and this build does without it: when it was configured, there is a "
                 "GPU, but a CUDA build lacks cuDNN 9.",
                 "rm -rf build/auto");
  facts.driver.gpus = {};
  expect_problem(facts, "has an NVIDIA GPU", "tools/build.sh");
  facts.build.requested = "off";
  expect_advice(facts, "configured with CUTTLE_GPU=off", "tools/build.sh -p cuda");
  facts.build.requested = facts.build.backend = "simt";
  expect_advice(facts, "configured with CUTTLE_GPU=simt", "tools/build.sh -p cuda");
}

TEST(JudgeDriver, NvccNewerThanTheDriver) {
  Facts facts = healthy();
  facts.nvcc_version = {13, 0};
  expect_advice(
      facts,
      "/usr/local/cuda/bin/nvcc is of CUDA 13.0, newer than the driver, which runs CUDA up "
      "to 12.4",
      "toolkit of CUDA 12");
  facts.nvcc_version = {12, 8};
  EXPECT_TRUE(judge(facts).empty());
}

}  // namespace
}  // namespace cuttle::doctor
