// A training step of the tutorial network, eager and captured.
#include "../training/tutorial_step.h"
#include "worker.h"

namespace cuttle::bench {

std::vector<Case> step_cases(bool small) {
  const auto prepare = [small]() -> Call {
    const auto step = std::make_shared<TutorialStep>(Device("cuda"), small ? 2 : 64);
    return [step](int) { static_cast<void>(step->run()); };
  };
  std::vector<Case> cases;
  for (const auto& [precision, tf32] : kPrecisions) {
    cases.push_back({std::string("step/eager") + precision, prepare, tf32, 0});
    cases.push_back({std::string("step/captured") + precision, prepare, tf32, 1});
  }
  return cases;
}

}  // namespace cuttle::bench
