// One step of an optimizer, over many parameters at once.
#pragma once

#include <cstdint>
#include <span>

#include "optimizer_rule.h"
#include "stream.h"

namespace cuttle::kernels {

/// One parameter of the step; all arrays dense, numel elements, in the same order.
template <class T>
struct StepParameter {
  T* value = nullptr;
  const T* gradient = nullptr;
  T* state[kMostStates] = {};  // nullptr for those that the options do not use
  int64_t numel = 0;
  // Where the kernel runs: how many steps the parameter has taken, and NAdam's product, which the
  // kernel brings up to date. In a parameter's first step its states hold nothing yet.
  double* steps = nullptr;    // nullptr where steps do not count
  double* product = nullptr;  // nullptr for rules that keep none
};

/// What the host may change from step to step; it lies where the kernel runs and is read when that
/// runs, so that a captured step follows.
template <class Rule>
struct StepSettings {
  typename Rule::Options options;
  /// Where it is not nullptr and holds another number than 0, the step is left out, and not
  /// counted.
  const float* skip = nullptr;
  /// The kernel's own: how many blocks have ended. 0 before and after it.
  unsigned finished = 0;
};

/// Rule::update for each element of each parameter. On a GPU all parameters go in one launch (some
/// hundreds to each). Each operation is rounded to T as it is written, so both devices give the
/// same bits, but for what sqrt and pow round.  T: float, double.
template <class Rule, class T>
void optimizer_step(cpu::Stream, StepSettings<Rule>* settings,
                    std::span<const StepParameter<T>> parameters);
template <class Rule, class T>
void optimizer_step(cuda::Stream, StepSettings<Rule>* settings,
                    std::span<const StepParameter<T>> parameters);

}  // namespace cuttle::kernels
