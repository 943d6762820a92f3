// What bench/gpu.sh measures of Cuttle: named cases, each a call that is timed on request.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace cuttle::bench {

/// A call that queues work on the current stream; the argument counts the calls, so that a case can
/// take another set of inputs each time.
using Call = std::function<void(int)>;

struct Case {
  std::string name;               // "convolution 1/forward/tf32"
  std::function<Call()> prepare;  // makes the tensors
  bool tf32 = false;
  /// Calls in one CUDA graph, so that the host's share is none; 0: launched one by one, as an eager
  /// program does.
  int in_graph = 0;
};

/// Sizes are cut to almost nothing where `small`, to see that everything runs.
std::vector<Case> step_cases(bool small);
std::vector<Case> convolution_cases(bool small);
std::vector<Case> large_cases(bool small);

/// The two precisions that float32 tensors have, with the end of a case's name.
inline const std::vector<std::pair<const char*, bool>> kPrecisions = {{"/float32", false},
                                                                      {"/tf32", true}};

}  // namespace cuttle::bench
