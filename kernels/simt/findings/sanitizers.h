// Which sanitizer the build has, and the few calls the interpreter makes to it.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define CUTTLE_SIMT_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CUTTLE_SIMT_ASAN 1
#endif
#endif

#if defined(CUTTLE_SIMT_ASAN)
#include <sanitizer/asan_interface.h>
#endif

namespace cuttle::simt {

#if defined(CUTTLE_SIMT_ASAN)
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif

// Set by the build, since the interpreter itself is compiled without the thread sanitizer.
#if defined(CUTTLE_SIMT_TSAN)
inline constexpr bool kThreadSanitizer = true;
#else
inline constexpr bool kThreadSanitizer = false;
#endif

// Set by the build where kernels report each of their accesses (trace.h).
#if defined(CUTTLE_SIMT_TRACE)
inline constexpr bool kTrace = true;
#else
inline constexpr bool kTrace = false;
#endif

/// Makes any access to the bytes an error that the address sanitizer reports.
inline void poison([[maybe_unused]] const void* memory, [[maybe_unused]] size_t bytes) {
#if defined(CUTTLE_SIMT_ASAN)
  __asan_poison_memory_region(memory, bytes);
#endif
}

/// Allows access again.
inline void unpoison([[maybe_unused]] const void* memory, [[maybe_unused]] size_t bytes) {
#if defined(CUTTLE_SIMT_ASAN)
  __asan_unpoison_memory_region(memory, bytes);
#endif
}

}  // namespace cuttle::simt
