// Schedules go on from states of a recent PyTorch (tests/golden/torch_schedules_2_15.pt, of
// check_torch_schedules.py --write), whatever settings they were made with.
#include <gtest/gtest.h>

#include <cmath>

#include "torch_schedules.h"

namespace cuttle::test {
namespace {

std::vector<double> numbers(const Value& list) {
  std::vector<double> all;
  for (const Value& item : list.items()) all.push_back(item.to_double());
  return all;
}

TEST(TorchSchedules, GoOnFromARecentPyTorch) {
  const Value golden = load_value(CUTTLE_GOLDEN_DIR "/torch_schedules_2_15.pt");
  const auto steps = static_cast<size_t>(golden["steps"].to_int());
  EXPECT_EQ(golden["runs"].dict().size(), 25u);
  const Value& milestones = golden["runs"]["MultiStepLR"]["scheduler"]["milestones"];
  EXPECT_EQ(milestones.dict().type(), Dict::Type::counter);
  for (const auto& [key, run] : golden["runs"].dict()) {
    const std::string& name = std::get<std::string>(key);
    const Value there = go_on(name, run, golden["metrics"], golden["steps"].to_int());
    for (size_t step = 0; step < steps; ++step) {
      const auto expected = numbers(run["trace"][step]), actual = numbers(there["trace"][step]);
      ASSERT_EQ(actual.size(), 6u);
      for (size_t i = 0; i < expected.size(); ++i)  // a few roundings in float64
        EXPECT_NEAR(actual[i], expected[i], 1e-12 * std::abs(expected[i]) + 1e-15) << name << step;
    }
  }
}

}  // namespace
}  // namespace cuttle::test
