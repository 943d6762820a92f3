// A build and a machine that fit together, for tests to spoil; and how they look at what is found.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "../../doctor/judge.h"

namespace cuttle::doctor {

/// A T4 in a rented machine with CUDA 12.4, and a build for it.
inline Facts healthy() {
  Facts facts;
  facts.build = {.version = "0.1.0",
                 .backend = "cuda",
                 .requested = "auto",
                 .architecture_list = "75",
                 .runtime = {12, 4},
                 .cudnn = {9, 5, 1}};
  facts.driver = {.library = {.name = "libcuda.so.1",
                              .path = "/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.14",
                              .version = {550, 54, 14}},
                  .cuda = {12, 4},
                  .module = {550, 54, 14},
                  .present = 1,
                  .gpus = {{.name = "Tesla T4",
                            .capability = 75,
                            .memory = size_t{15} << 30,
                            .free_memory = size_t{14} << 30}}};
  facts.nvcc = "/usr/local/cuda/bin/nvcc";
  facts.nvcc_version = {12, 4};
  facts.cudnn = {.name = "libcudnn.so.9", .path = "/usr/lib/libcudnn.so.9", .version = {9, 5, 1}};
  facts.cudnn_runtime = {12, 6};
  facts.cublas = {
      .name = "libcublas.so.12", .path = "/usr/lib/libcublas.so.12", .version = {12, 4, 5}};
  facts.host = {
      .processors = 8,
      .allowed = 8,
      .threads = 8,
      .memory = size_t{16} << 30,
      .free_memory = size_t{12} << 30,
      .onednn = {.name = "libdnnl.so.3", .path = "/usr/lib/libdnnl.so.3", .version = {3, 4, 2}},
      .onednn_isa = 0x3e7};
  return facts;
}

/// No GPU, no driver, and a build for that.
inline Facts without_gpu() {
  Facts facts = healthy();
  facts.build = {.version = "0.1.0",
                 .backend = "off",
                 .requested = "auto",
                 .reason = "nvidia-smi reports no GPU"};
  facts.driver = {.library = {.name = "libcuda.so.1", .error = "No such file or directory"}};
  facts.nvcc = {};
  facts.nvcc_version = {};
  facts.cudnn = facts.cublas = {};
  return facts;
}

/// That there is one finding, of this weight, whose sentence and mend have these words.
inline void expect_one(const Facts& facts, Finding::Weight weight, const std::string& sentence,
                       const std::string& mend) {
  const Findings findings = judge(facts);
  ASSERT_EQ(findings.size(), 1u) << (findings.empty() ? "" : findings.back().sentence);
  EXPECT_EQ(findings[0].weight, weight) << findings[0].sentence;
  EXPECT_NE(findings[0].sentence.find(sentence), std::string::npos) << findings[0].sentence;
  EXPECT_NE(findings[0].mend.find(mend), std::string::npos) << findings[0].mend;
}
inline void expect_problem(const Facts& facts, const std::string& sentence,
                           const std::string& mend) {
  expect_one(facts, Finding::problem, sentence, mend);
}
inline void expect_advice(const Facts& facts, const std::string& sentence,
                          const std::string& mend) {
  expect_one(facts, Finding::advice, sentence, mend);
}

}  // namespace cuttle::doctor
