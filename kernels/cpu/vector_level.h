// Loops that are compiled once more for what newer processors have, and the choice among them when
// a program runs. For kernels/cpu alone.
//
//     vectorised([&] { each_lane(n, [=](int64_t i) { y[i] = a * x[i]; }); });
//
// The bits are the same at every level: no instruction fuses or reorders what is written. A sum of
// several elements therefore has lanes of its own (lane_sums.h), not OpenMP's `reduction`, which
// has as many as the vector.
#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>

#include "../half.h"

namespace cuttle::kernels::cpu {

/// x86-64's levels, each with all of the one before: SSE2, AVX2, AVX-512. Elsewhere the first is
/// the only one: what the compiler was told to compile for.
enum class VectorLevel { base, v3, v4 };

namespace detail {
inline std::atomic<int> vector_level = -1;  // not chosen yet
VectorLevel choose_vector_level();

#if defined(__x86_64__)
template <class Loop>
[[gnu::target("arch=x86-64-v3"), gnu::flatten, gnu::noinline]] void run_v3(const Loop& loop) {
  loop();
}
template <class Loop>
[[gnu::target("arch=x86-64-v4"), gnu::flatten, gnu::noinline]] void run_v4(const Loop& loop) {
  loop();
}
#endif
}  // namespace detail

/// The highest that this processor has, or the one that the environment variable CUTTLE_CPU_LEVEL
/// names when it is first asked for: base, v3 or v4. Throws Error for another name, and for a level
/// that the processor lacks.
inline VectorLevel vector_level() {
  const int level = detail::vector_level.load(std::memory_order_relaxed);
  return level >= 0 ? static_cast<VectorLevel>(level) : detail::choose_vector_level();
}

/// The highest that this processor has.
VectorLevel highest_vector_level();

/// For tests; `level` at most the highest, and no kernel running.
inline void set_vector_level(VectorLevel level) {
  detail::vector_level.store(static_cast<int>(level), std::memory_order_relaxed);
}

/// loop(), as compiled for the level. It gains by that if all that it calls is inlined, so it is a
/// loop over elements and not what shares them out among threads.
template <class Loop>
void vectorised(const Loop& loop) {
#if defined(__x86_64__)
  const VectorLevel level = vector_level();
  if (level == VectorLevel::v4) return detail::run_v4(loop);
  if (level == VectorLevel::v3) return detail::run_v3(loop);
#endif
  loop();
}

/// The same where elements are floating numbers other than float16, which is a GPU's type. Others,
/// of which a step of training on a CPU has few, are not worth the compiler's time.
template <class Element, class Loop>
void vectorised_of(const Loop& loop) {
  if constexpr (is_floating<Element> && !std::is_same_v<Element, Half>)
    vectorised(loop);
  else
    loop();
}

/// compute(i) for i < n, in any order. The call is the point: GCC does not vectorise an `omp simd`
/// loop in whose body it sees objects of a class.
template <class Compute>
void each_lane(int64_t n, const Compute& compute) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) compute(i);
}

}  // namespace cuttle::kernels::cpu
