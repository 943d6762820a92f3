// The choice of what loops are compiled for.
#include "vector_level.h"

#include <array>
#include <cstdlib>
#include <string_view>

#include "../error.h"

namespace cuttle::kernels::cpu {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"base", "v3", "v4"};

VectorLevel level_named(std::string_view name) {
  const int highest = static_cast<int>(highest_vector_level());
  for (int level = 0; level < static_cast<int>(kNames.size()); ++level) {
    if (kNames[static_cast<size_t>(level)] != name) continue;
    if (level <= highest) return static_cast<VectorLevel>(level);
    fail("CUTTLE_CPU_LEVEL is ", name, ", but this processor has ",
         kNames[static_cast<size_t>(highest)], " at most; unset the variable");
  }
  fail("CUTTLE_CPU_LEVEL can be base, v3 or v4, got \"", name, '"');
}

}  // namespace

VectorLevel highest_vector_level() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                  __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma");
  if (v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    return VectorLevel::v4;
  if (v3) return VectorLevel::v3;
#endif
  return VectorLevel::base;
}

VectorLevel detail::choose_vector_level() {
  const char* const name = std::getenv("CUTTLE_CPU_LEVEL");
  const VectorLevel level = name != nullptr ? level_named(name) : highest_vector_level();
  set_vector_level(level);
  return level;
}

}  // namespace cuttle::kernels::cpu
