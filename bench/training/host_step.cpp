// What the host does in a training step, without the kernels: steps are queued one after the other,
// timed, and only then waited for. In the interpreter kernels run when something waits
// (CUTTLE_SIMT_STREAMS=deferred), so that a machine without a GPU tells what recording, allocation
// and launches cost, but for the driver's part of a launch.
//
//   CUTTLE_SIMT_STREAMS=deferred host_step_worker [ROUNDS] [STEPS] [BATCH]
//
// Prints for each round the microseconds of a step. host_step.py runs it and makes a profile.
#include <chrono>
#include <cstdlib>
#include <iostream>

#include "tutorial_step.h"

namespace {

/// A function of its own, so that a profiler can be told to look at nothing else.
[[gnu::noinline]] cuttle::Tensor queue_step(cuttle::bench::TutorialStep& step) {
  return step.run();
}

}  // namespace

int main(int argc, char** argv) try {
  using clock = std::chrono::steady_clock;
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 20;
  const int steps = argc > 2 ? std::atoi(argv[2]) : 10;
  const int batch = argc > 3 ? std::atoi(argv[3]) : 1;
  cuttle::manual_seed(0);
  cuttle::bench::TutorialStep step(cuttle::Device("cuda"), batch);
  for (int i = 0; i < 3; ++i) step.run().item();  // memory is taken and sizes become known
  for (int round = 0; round < rounds; ++round) {
    cuttle::Tensor loss;
    const auto start = clock::now();
    for (int i = 0; i < steps; ++i) loss = queue_step(step);
    const std::chrono::duration<double, std::micro> took = clock::now() - start;
    std::cout << took.count() / steps << '\n';
    loss.item();
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
