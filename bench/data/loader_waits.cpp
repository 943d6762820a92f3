// How long training waits for its loader: the tutorial network on CIFAR-10, in turns on one batch
// that is there and on a loader's, without and with workers. Arguments: the data set's root, the
// number of steps of each turn (100), the rounds (5).
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "../training/tutorial_step.h"
#include "loader_sets.h"

namespace {

using namespace cuttle;
using clock_type = std::chrono::steady_clock;

double milliseconds_since(clock_type::time_point start) {
  return std::chrono::duration<double, std::milli>(clock_type::now() - start).count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

struct Turn {
  std::vector<double> steps, waits;  // ms a step, of them ms until its batch was there
};

void train(bench::TutorialStep& step, const DataLoader& loader, int64_t steps, Turn& turn) {
  auto walk = loader.begin();
  (void)*walk;  // workers have begun
  for (int64_t i = 0; i < steps; ++i) {
    const auto start = clock_type::now();
    ++walk;
    const Batch& batch = *walk;
    turn.waits.push_back(milliseconds_since(start));
    step.run(batch.images, batch.targets).item();
    turn.steps.push_back(milliseconds_since(start));
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2) fail("usage: loader_waits ROOT [STEPS] [ROUNDS]");
  const int64_t steps = argc > 2 ? std::stoll(argv[2]) : 100;
  const int64_t rounds = argc > 3 ? std::stoll(argv[3]) : 5;
  const auto dataset = bench::loader_set("cifar10", argv[1]);
  bench::TutorialStep step("cpu");
  Turn fixed, loaded[3];  // by number of workers
  for (int i = 0; i < 10; ++i) step.run().item();
  for (int64_t round = 0; round < rounds; ++round) {
    for (int64_t i = 0; i < steps; ++i) {
      const auto start = clock_type::now();
      step.run().item();
      fixed.steps.push_back(milliseconds_since(start));
    }
    for (size_t workers = 0; workers < 3; ++workers)
      train(step, DataLoader(dataset, {.shuffle = true, .num_workers = workers}), steps,
            loaded[workers]);
  }
  std::printf("%-16s %14s %14s\n", "", "ms a step", "waited, ms");
  std::printf("%-16s %14.2f %14s\n", "one batch", median(fixed.steps), "");
  for (size_t workers = 0; workers < 3; ++workers)
    std::printf("%zu workers %21.2f %14.3f\n", workers, median(loaded[workers].steps),
                median(loaded[workers].waits));
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
