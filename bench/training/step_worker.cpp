// Runs training steps on request, for compare_pytorch.py: reads a number of steps a line, runs them
// and answers with the milliseconds of each. Arguments: the device.
#include <chrono>
#include <iostream>

#include "tutorial_step.h"

int main(int argc, char** argv) try {
  using clock = std::chrono::steady_clock;
  cuttle::manual_seed(0);
  cuttle::bench::TutorialStep step(cuttle::Device(argc > 1 ? argv[1] : "cpu"));
  int steps = 0;
  while (std::cin >> steps) {
    for (int i = 0; i < steps; ++i) {
      const auto start = clock::now();
      step.run().item();
      const std::chrono::duration<double, std::milli> took = clock::now() - start;
      std::cout << took.count() << (i + 1 < steps ? ' ' : '\n');
    }
    std::cout.flush();
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
