// Runs random programs on a device and compares them with PyTorch:
//   programs.py --count 1000 --seed 1 | differential [cpu|cuda]
// Prints each program that differs, cut to what led to the difference, and how many were run; exit
// status 1 if one differs, 77 if no program comes.
#include <iostream>

#include "program.h"

int main(int argc, char** argv) {
  using namespace cuttle;
  const std::string name = argc > 1 ? argv[1] : "cpu";
  if (name == "cuda" && !cuda::is_available()) {
    std::cout << "SKIPPED: needs a CUDA device\n";
    return 77;
  }
  const Device device(name);
  int64_t run = 0, steps = 0, failed = 0;
  for (std::string line; std::getline(std::cin, line);) {
    const auto program = nlohmann::json::parse(line);
    const std::string wrong = test::difference(program, device);
    ++run;
    steps += static_cast<int64_t>(program["steps"].size());
    if (wrong.empty()) continue;
    if (++failed <= 20) std::cout << wrong << "\n";
  }
  if (run == 0) {
    std::cout << "SKIPPED: got no program (programs.py needs a Python with torch)\n";
    return 77;
  }
  std::cout << run << " programs of " << steps << " steps on " << name << ": " << failed
            << " differ from PyTorch\n";
  return failed == 0 ? 0 : 1;
}
