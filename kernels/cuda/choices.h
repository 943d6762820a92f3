// What was chosen for each problem that has several implementations: kept for the process, and as
// text for the next one. See load_choices and choices in kernels/cuda_runtime.h.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "../stream.h"

namespace cuttle::kernels::cuda {

/// The name of our own implementation among choices.
inline constexpr const char* kOwn = "own";

/// What was chosen for `problem`; empty where nothing was.
std::string chosen(const std::string& problem);
void record_choice(const std::string& problem, const std::string& name);
/// Rises whenever choices are loaded: what was derived from earlier ones is then stale.
uint64_t choices_version() noexcept;

/// One implementation of a problem, under a name that is the same in every process.
struct Candidate {
  std::string name;
  std::function<bool()>
      run;  // queues the work; false: it refuses the problem and has written nothing
};

/// The candidate that takes the least time on the stream; 0 where none runs. The first is kept
/// unless another is 5 % faster, so that noise alone does not change what is computed. After the
/// first each further one is tried only while `milliseconds` have not passed. Waits for the device.
size_t fastest(Stream stream, const std::vector<Candidate>& candidates, double milliseconds);

}  // namespace cuttle::kernels::cuda
