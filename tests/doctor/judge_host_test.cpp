// The doctor on threads, memory and oneDNN; and what is printed.
#include <sstream>

#include "../../doctor/report.h"
#include "made_up.h"

namespace cuttle::doctor {
namespace {

TEST(JudgeHost, MoreThreadsThanProcessors) {
  Facts facts = without_gpu();
  facts.host.allowed = 2;
  expect_advice(facts, "start 8 threads, and this process may run on 2 processors",
                "OMP_NUM_THREADS=2");
  facts.environment.omp_num_threads = "8";
  expect_advice(facts, "8 threads (OMP_NUM_THREADS=8)", "OMP_NUM_THREADS=2");
}

TEST(JudgeHost, MoreThreadsThanTheContainerIsGranted) {
  Facts facts = without_gpu();
  facts.host.quota = 1.5;
  expect_advice(facts, "granted the time of 2", "OMP_NUM_THREADS=2");
  facts.host.quota = 0.5;
  expect_advice(facts, "granted the time of 1", "OMP_NUM_THREADS=1");
  facts.host.quota = 16;
  EXPECT_TRUE(judge(facts).empty());
}

TEST(JudgeHost, FewerThreadsThanProcessors) {
  Facts facts = without_gpu();
  facts.host.threads = 1;
  EXPECT_TRUE(judge(facts).empty()) << "nobody asked for one";
  facts.environment.omp_num_threads = "1";
  expect_advice(facts, "start 1 threads (OMP_NUM_THREADS=1), and there are 8",
                "unset OMP_NUM_THREADS");
}

TEST(JudgeHost, LittleMemory) {
  Facts facts = without_gpu();
  facts.host.free_memory = size_t{500} << 20;
  expect_advice(facts, "Only 500 MiB of memory are free", "CMAKE_BUILD_PARALLEL_LEVEL=1");
}

TEST(JudgeHost, Onednn) {
  Facts facts = without_gpu();
  facts.host.onednn_isa = 0x27;  // avx512_core
  expect_advice(facts, "no bfloat16 products that oneDNN 3.4.2 would use", "float32");
  facts.host.onednn_isa = 0xe7;  // avx512_core_bf16
  EXPECT_TRUE(judge(facts).empty());
  facts.host.onednn = {.name = "libdnnl.so.3", .error = "no such file"};
  expect_problem(facts, "oneDNN: libdnnl.so.3 does not load (no such file)", "libdnnl-dev");
  facts.host.onednn = {};  // linked in
  EXPECT_TRUE(judge(facts).empty());
  Facts gpu = healthy();
  gpu.host.onednn_isa = 0x7;
  EXPECT_TRUE(judge(gpu).empty()) << "the GPU computes";
}

TEST(JudgeHost, WhatMattersFirstComesFirst) {
  Facts facts = healthy();
  facts.driver.gpus[0].compute_mode = 2;
  facts.cudnn = {.name = "libcudnn.so.9", .error = "missing"};
  facts.host.quota = 1;
  const Findings findings = judge(facts);
  ASSERT_EQ(findings.size(), 3u);
  EXPECT_NE(findings[0].sentence.find("prohibited"), std::string::npos);
  EXPECT_NE(findings[1].sentence.find("cuDNN"), std::string::npos);
  EXPECT_NE(findings[2].sentence.find("threads"), std::string::npos);
}

TEST(Report, Findings) {
  std::ostringstream none, two;
  print(none, Findings{});
  EXPECT_EQ(none.str(), "\nEverything fits together.\n");
  print(two, Findings{{Finding::problem, "It is broken.", "Mend it."},
                      {Finding::advice, "It is slow.", "Wait."}});
  EXPECT_EQ(two.str(),
            "\nPROBLEM: It is broken.\n  mend: Mend it.\nadvice: It is slow.\n  mend: Wait.\n");
}

TEST(Report, Facts) {
  std::ostringstream out;
  Facts facts = healthy();
  facts.driver.gpus[0].compute_mode = 3;
  facts.driver.module = {535, 1};
  facts.host.quota = 2.5;
  print(out, facts);
  for (const std::string line :
       {"Cuttle 0.1.0\n", "  GPU backend     cuda (CUTTLE_GPU=auto)\n", "  architectures   75\n",
        "  driver          550.54.14 for CUDA 12.4, "
        "/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.14\n",
        "  kernel module   535.1\n",
        "  GPU             Tesla T4, compute capability 7.5, 15.0 GiB (14.0 GiB free), exclusive "
        "mode\n",
        "  toolkit         12.4, /usr/local/cuda/bin/nvcc\n",
        "  cuDNN           9.5.1, /usr/lib/libcudnn.so.9\n",
        "  processors      8, limited to the time of 2.5\n",
        "  oneDNN          3.4.2, /usr/lib/libdnnl.so.3\n"})
    EXPECT_NE(out.str().find(line), std::string::npos) << line << out.str();
}

}  // namespace
}  // namespace cuttle::doctor
