// Files of what trials have chosen.
#include <cuttle/core/cuda.h>
#include <cuttle/io/tunable.h>

#include "scratch.h"

namespace cuttle {
namespace {

class TunableTest : public testing::ScratchTest {};

TEST_F(TunableTest, WhatWasReadIsWrittenAgain) {
  const std::string line = "a problem of tunable_test, on a GPU = engine 67 (2=8 13=0)\n";
  testing::write_file(path("read"), line);
  cuda::tunable::read_file(path("read"));
  cuda::tunable::write_file(path("written"));
  EXPECT_EQ(testing::read_file(path("written")), cuda::tunable::results());
  if (cuda::tunable::results().empty()) GTEST_SKIP() << "a build for the CPU has nothing to choose";
  EXPECT_NE(testing::read_file(path("written")).find(line), std::string::npos);
}

TEST_F(TunableTest, TextOfAnotherFormIsRefusedByName) {
  testing::write_file(path("notes.txt"), "something else\n");
  if (cuda::tunable::results().empty()) GTEST_SKIP() << "a build for the CPU has nothing to choose";
  try {
    cuda::tunable::read_file(path("notes.txt"));
    FAIL();
  } catch (const Error& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find("notes.txt"), std::string::npos) << what;
    EXPECT_NE(what.find("line 1"), std::string::npos) << what;
  }
}

TEST_F(TunableTest, AFileThatIsAbsentIsAnError) {
  EXPECT_THROW(cuda::tunable::read_file(path("absent")), Error);
}

}  // namespace
}  // namespace cuttle
