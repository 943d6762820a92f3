// What a memory-bound kernel is compared with: a plain copy of memory, measured in the same
// process.
#pragma once

#include <cuttle/kernels/copy.h>

#include <chrono>

#include "backend.h"

namespace cuttle::bench {

/// A loop over n elements that lie one behind the other for every operand.
template <int Operands>
kernels::StridedLoop<Operands> dense(int64_t n) {
  kernels::StridedLoop<Operands> loop;
  loop.rank = 1;
  loop.sizes[0] = n;
  for (auto& strides : loop.strides) strides[0] = 1;
  return loop;
}

/// `elements` floats moved, once.
inline Work floats(int64_t elements) {
  return {.bytes = sizeof(float) * static_cast<double>(elements)};
}

/// Bytes a second, read and written, of the backend's own copy of 256 MiB, far beyond any cache.
template <class Backend>
double copy_rate(const Backend& backend) {
  using Clock = std::chrono::steady_clock;
  constexpr int64_t kElements = int64_t{1} << 26;
  constexpr int kRounds = 3, kCopies = 5;
  static const double rate = [&] {
    const auto from = backend.upload(std::vector<float>(kElements, 1.0f));
    const auto to = backend.upload(std::vector<float>(kElements, 0.0f));
    double best = 0;
    for (int round = 0; round < kRounds; ++round) {
      backend.wait();
      const auto start = Clock::now();
      for (int i = 0; i < kCopies; ++i)
        kernels::copy<float, float>(backend.stream, dense<2>(kElements), from.get(), to.get());
      backend.wait();
      const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
      best = std::max(best, kCopies * 2.0 * sizeof(float) * kElements / seconds);
    }
    return best;
  }();
  return rate;
}

/// As measure(), and beside it the rate as a part of copy_rate(): what this says of data that stays
/// in a cache is nothing.
template <class Backend, class Call>
void measure_beside_copy(benchmark::State& state, const Backend& backend, Work work,
                         const Call& call) {
  const double rate = copy_rate(backend);
  measure(state, backend, work, call);
  state.counters["of copy"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * work.bytes / rate, benchmark::Counter::kIsRate);
}

}  // namespace cuttle::bench
