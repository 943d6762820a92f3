// The program `cuttle` as a user runs it, with the machine's own answers and with a fake driver's.
#include <cuttle/core/version.h>
#include <sys/wait.h>

#include <cstdio>
#include <regex>

#include "io/scratch.h"

namespace cuttle {
namespace {

const std::string kBackend = CUTTLE_BACKEND;

struct Outcome {
  int status = 0;
  std::string output;  // both streams
};

Outcome run(const std::string& arguments, const std::string& environment = "") {
  Outcome outcome;
  FILE* pipe = ::popen((environment + " " CUTTLE_PROGRAM " " + arguments + " 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("popen failed");
  char piece[4096];
  while (const size_t got = std::fread(piece, 1, sizeof(piece), pipe))
    outcome.output.append(piece, got);
  outcome.status = WEXITSTATUS(::pclose(pipe));
  return outcome;
}

bool has(const Outcome& outcome, const std::string& words) {
  return outcome.output.find(words) != std::string::npos;
}

class ProgramTest : public testing::ScratchTest {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(CUTTLE_PROGRAM))
      GTEST_SKIP() << "built elsewhere: no " CUTTLE_PROGRAM;
  }
};

TEST_F(ProgramTest, Version) {
  EXPECT_EQ(run("--version").output, "cuttle " + version() + "\n");
  EXPECT_TRUE(
      std::regex_match(version(), std::regex(R"(\d+\.\d+\.\d+(\+git[0-9a-f]{7,40}(\.dirty)?)?)")))
      << version();
}

TEST_F(ProgramTest, Usage) {
  EXPECT_EQ(run("--help").status, 0);
  for (const std::string wrong : {"", "doktor", "doctor now"}) {
    const Outcome outcome = run(wrong);
    EXPECT_EQ(outcome.status, 2) << wrong;
    EXPECT_TRUE(has(outcome, "usage: cuttle doctor")) << outcome.output;
  }
}

TEST_F(ProgramTest, DoctorOnThisMachine) {
  const Outcome outcome = run("doctor");
  EXPECT_TRUE(has(outcome, "Cuttle " + version() + "\n")) << outcome.output;
  EXPECT_TRUE(has(outcome, "  GPU backend     " + kBackend)) << outcome.output;
  EXPECT_EQ(outcome.status, has(outcome, "PROBLEM") ? 1 : 0) << outcome.output;
  // What the build was linked with is here, for this test runs.
  EXPECT_TRUE(
      std::regex_search(outcome.output, std::regex(R"(\n  oneDNN +(\d+\.\d+|in the programs))")))
      << outcome.output;
  EXPECT_FALSE(has(outcome, "so no program of this build starts")) << outcome.output;
  if (kBackend == "cuda") {
    EXPECT_TRUE(std::regex_search(outcome.output, std::regex(R"(\n  cuDNN +9\.\d+)")))
        << outcome.output;
    EXPECT_TRUE(std::regex_search(outcome.output, std::regex(R"(\n  cuBLAS +1\d\.\d+)")))
        << outcome.output;
  }
}

TEST_F(ProgramTest, DoctorWithAFakeDriver) {
  std::filesystem::create_symlink(CUTTLE_FAKE_NVIDIA, path("libcuda.so.1"));
  const std::string loader = "LD_LIBRARY_PATH=" + path("").string() + " ";
  const Outcome outcome = run("doctor", loader + "FAKE_CUDA=13020");
  EXPECT_TRUE(has(outcome, "for CUDA 13.2, ")) << outcome.output;
  EXPECT_TRUE(has(outcome, "Fake T100, compute capability 7.5, 16.0 GiB (15.0 GiB free)"))
      << outcome.output;
  if (kBackend != "cuda") {
    EXPECT_TRUE(has(outcome, "This machine has Fake T100")) << outcome.output;
  } else {
    const Outcome old = run("doctor", loader + "FAKE_CUDA=11080");
    EXPECT_TRUE(has(old, "PROBLEM: The driver runs CUDA up to 11.8")) << old.output;
    EXPECT_EQ(old.status, 1);
  }
}

}  // namespace
}  // namespace cuttle
