// What does not fit together in a build and a machine, and the mend. Judges facts alone, so that a
// test can make up machines that nobody has.
#pragma once

#include <string>
#include <vector>

#include "facts.h"

namespace cuttle::doctor {

struct Finding {
  /// A problem keeps the build from doing what it was built for; advice costs speed, or comes up
  /// later.
  enum Weight { problem, advice } weight = problem;
  std::string sentence = {};  // what does not fit, with what was found
  std::string mend = {};      // what to do, with the command where there is one
};
using Findings = std::vector<Finding>;

/// All there is to say, what comes first to be mended first.
Findings judge(const Facts& facts);

/// The parts of it: driver and GPUs, the GPUs' architectures, NVIDIA's libraries, the host.
void judge_driver(const Facts& facts, Findings& findings);
void judge_gpus(const Facts& facts, Findings& findings);
void judge_libraries(const Facts& facts, Findings& findings);
void judge_host(const Facts& facts, Findings& findings);

}  // namespace cuttle::doctor
