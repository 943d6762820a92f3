// Choosing among implementations: what is kept, its text, and trials on a stream.
#include <cuttle/kernels/cuda/choices.h>
#include <cuttle/kernels/cuda_runtime.h>
#include <cuttle/kernels/error.h>
#include <cuttle/kernels/fill.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels::cuda;

TEST(Choices, AreKeptAndReadBack) {
  EXPECT_EQ(chosen("a problem of this test, = 1"), "");
  record_choice("a problem of this test, = 1", "engine 7 (2=4)");
  EXPECT_EQ(chosen("a problem of this test, = 1"), "engine 7 (2=4)");
  const std::string text = choices();
  EXPECT_NE(text.find("a problem of this test, = 1 = engine 7 (2=4)\n"), std::string::npos);
  record_choice("a problem of this test, = 1", kOwn);
  const uint64_t before = choices_version();
  load_choices(text);
  EXPECT_EQ(chosen("a problem of this test, = 1"), "engine 7 (2=4)");
  EXPECT_GT(choices_version(), before);
}

TEST(Choices, RefuseTextOfAnotherForm) {
  for (const char* text : {"no separator\n", " = own\n", "a problem = \n"}) {
    try {
      load_choices(std::string("a fine line of a bad text = own\n") + text);
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("line 2"), std::string::npos) << error.what();
    }
  }
  EXPECT_EQ(chosen("a fine line of a bad text"), "");
}

using Trials = KernelTest<OnCuda<Backend::own>>;

TEST_F(Trials, TheFastestIsChosen) {
  auto memory = this->template unset<float>(1 << 16);
  int long_runs = 0, short_runs = 0, refused = 0;
  const auto fill = [&](int64_t count, int times, int& runs) {
    return [&, count, times] {
      for (int i = 0; i < times; ++i)
        kernels::fill(stream, {1, {count}, {{1}}}, 1.f, memory.data());
      ++runs;
      return true;
    };
  };
  const std::vector<Candidate> candidates = {
      {"long", fill(1 << 16, 20, long_runs)},
      {"refuses", [&] { return ++refused, false; }},
      {"short", fill(1, 1, short_runs)},  // some thousand times less work
  };
  EXPECT_EQ(fastest(stream, candidates, 1e6), 2u);
  EXPECT_EQ(long_runs, short_runs);
  EXPECT_EQ(refused, 1);
}

TEST_F(Trials, NothingIsTriedLongerThanAllowed) {
  int runs = 0, late = 0;
  const std::vector<Candidate> candidates = {{"first", [&] { return ++runs, true; }},
                                             {"second", [&] { return ++runs, true; }},
                                             {"late", [&] { return ++late, true; }}};
  fastest(stream, candidates, 0);
  EXPECT_GT(runs, 2);  // two are always compared
  EXPECT_EQ(late, 0);
}

TEST_F(Trials, WithoutOneThatRunsTheFirstIsNamed) {
  const std::vector<Candidate> candidates = {{"one", [] { return false; }},
                                             {"two", [] { return false; }}};
  EXPECT_EQ(fastest(stream, candidates, 1e6), 0u);
}

}  // namespace
}  // namespace cuttle::test
