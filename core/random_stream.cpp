#include "random_stream.h"

#include "distributions.h"

namespace cuttle {

// Each number takes a block of its own: the first element that the distribution makes of it.
template <class T, class Distribution>
T RandomStream::next(const Distribution& distribution) {
  T made[Distribution::template kPerBlock<T>];
  distribution(kernels::philox(seed_, offset_++, member_), 0, 1, made);
  return made[0];
}

double RandomStream::uniform() {
  return next<double>(kernels::Uniform{.last = 1 - 0x1p-53});
}

int64_t RandomStream::integer(int64_t low, int64_t high) {
  return next<int64_t>(integer_distribution(int64, low, high, "integer"));
}

double RandomStream::normal() {
  return next<double>(kernels::Normal{});
}

}  // namespace cuttle
