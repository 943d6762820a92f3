// The state of every generator that a computation may draw from: the one place that knows them all.
#pragma once

#include <utility>
#include <vector>

#include "../generator.h"
#include "../tensor.h"

namespace cuttle {

/// The default generators' states at one moment: the CPU's, and one for each CUDA device.
class RandomState {
 public:
  static RandomState capture();
  /// The next numbers are those that came after the capture.
  void restore() const;

 private:
  std::vector<std::pair<Device, Tensor>> states_;
};

/// Draws in its scope come from an earlier state, and leave no trace behind it.
class [[nodiscard]] RandomStateScope {
 public:
  [[nodiscard]] explicit RandomStateScope(const RandomState& earlier)
      : previous_(RandomState::capture()) {
    earlier.restore();
  }
  ~RandomStateScope() { previous_.restore(); }
  RandomStateScope(const RandomStateScope&) = delete;
  RandomStateScope& operator=(const RandomStateScope&) = delete;

 private:
  RandomState previous_;
};

}  // namespace cuttle
