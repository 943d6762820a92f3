// A short stream of random numbers with a name: made anew for each thing that needs its own.
#pragma once

#include <cstdint>

namespace cuttle {

/// Numbers that are a function of (seed, group, member) and of how many were drawn before: the
/// k-th, k = 0 … 2³² − 1, is made of philox(seed, (group + 1) · 2³² + k, member)
/// (kernels/philox.h), by Generator's Philox distributions. Costs neither memory nor a lock. Groups
/// from 0 to 2³² − 2.
class RandomStream {
 public:
  RandomStream(uint64_t seed, uint64_t group, uint64_t member)
      : seed_(seed), offset_((group + 1) << 32), member_(member) {}

  /// On [0, 1), of 53 bits.
  double uniform();
  /// A whole number on [low, high). Throws Error if there is none.
  int64_t integer(int64_t low, int64_t high);
  /// Of mean 0 and standard deviation 1.
  double normal();

 private:
  template <class T, class Distribution>
  T next(const Distribution& distribution);

  uint64_t seed_, offset_, member_;
};

}  // namespace cuttle
