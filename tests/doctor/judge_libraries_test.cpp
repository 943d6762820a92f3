// The doctor on cuDNN and cuBLAS: missing, and of another version than was compiled with.
#include "made_up.h"

namespace cuttle::doctor {
namespace {

TEST(JudgeLibraries, CudnnIsMissing) {
  Facts facts = healthy();
  facts.cudnn = {
      .name = "libcudnn.so.9",
      .error = "libcudnn.so.9: cannot open shared object file: No such file or directory"};
  expect_problem(facts, "cuDNN: libcudnn.so.9 is not on this machine, so no program",
                 "libcudnn9-cuda-12");
  facts.cudnn.error = "libcudnn.so.9: invalid ELF header";
  expect_problem(facts, "does not load (libcudnn.so.9: invalid ELF header)", "nvidia-cudnn-cu12");
}

TEST(JudgeLibraries, CudnnOfAnotherVersion) {
  Facts facts = healthy();
  facts.cudnn.version = {8, 9, 7};
  expect_problem(facts, "8.9.7 in /usr/lib/libcudnn.so.9, is of another major version than 9.5.1",
                 "rm -rf build/cuda");
  facts.cudnn.version = {9, 1, 0};
  expect_advice(facts, "9.1 in /usr/lib/libcudnn.so.9, is older", "LD_LIBRARY_PATH");
  facts.cudnn.version = {9, 8, 0};
  EXPECT_TRUE(judge(facts).empty()) << "a newer one of the same major version serves";
  facts.cudnn_runtime = {13, 0};
  expect_problem(facts, "was made for CUDA 13.0, and this build is of CUDA 12.4",
                 "nvidia-cudnn-cu12");
}

TEST(JudgeLibraries, Cublas) {
  Facts facts = healthy();
  facts.cublas = {
      .name = "libcublas.so.12",
      .error = "libcublas.so.12: cannot open shared object file: No such file or directory"};
  expect_problem(facts, "cuBLAS: libcublas.so.12 is not on this machine", "libcublas-12-4");
  facts.cublas.error =
      "libcublasLt.so.12: cannot open shared object file: No such file or directory";
  expect_problem(facts, "libcublas.so.12 does not load (libcublasLt.so.12: cannot open",
                 "nvidia-cublas-cu12");
  facts.cublas = {.name = "libcublas.so.12", .path = "/x/libcublas.so", .version = {11, 11, 3}};
  expect_problem(facts, "11.11.3 in /x/libcublas.so, is not of CUDA 12", "LD_LIBRARY_PATH");
}

TEST(JudgeLibraries, AreNoPartOfABuildForTheCpu) {
  Facts facts = without_gpu();
  facts.cudnn.error = facts.cublas.error = "missing";
  EXPECT_TRUE(judge(facts).empty());
}

}  // namespace
}  // namespace cuttle::doctor
