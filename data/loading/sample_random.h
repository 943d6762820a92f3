// Where a random transform gets its numbers: from a stream that belongs to the example.
#pragma once

#include <cstdint>
#include <optional>

#include "../../core/random_stream.h"

namespace cuttle {

/// The numbers for the example that this thread is making. A DataLoader sets, around each get(), a
/// stream given by (its seed, the epoch, the index it asks for), so what a transform draws depends
/// on nothing else: not on the number of workers, and not on the examples before it.
///
///     Tensor operator()(const Tensor& image) const {
///       return sample_random().uniform() < 0.5 ? flipped(image) : image;
///     }
///
/// Outside a loader the numbers are the default generator's, torch.rand's, torch.randint's and
/// torch.randn's of one float64 or int64 element: manual_seed() makes them repeatable.
class SampleRandom {
 public:
  /// On [0, 1).
  double uniform();
  /// A whole number on [low, high). Throws Error if there is none.
  int64_t integer(int64_t low, int64_t high);
  /// Of mean 0 and standard deviation 1.
  double normal();

 private:
  friend class SampleRandomScope;
  std::optional<RandomStream> stream_;  // none: the default generator
};

/// This thread's.
SampleRandom& sample_random();

/// As long as it lives, sample_random() on this thread draws from the stream of one example; then
/// from what it drew from before. For who asks a data set for examples without a DataLoader.
class [[nodiscard]] SampleRandomScope {
 public:
  /// `epoch` below 2³² − 1.
  SampleRandomScope(uint64_t seed, uint64_t epoch, uint64_t index);
  ~SampleRandomScope();
  SampleRandomScope(const SampleRandomScope&) = delete;
  SampleRandomScope& operator=(const SampleRandomScope&) = delete;

 private:
  std::optional<RandomStream> before_;
};

}  // namespace cuttle
