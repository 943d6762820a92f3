// Handlers that run at once, in a build with the thread sanitizer as well.
#pragma once

#include <csignal>

#if defined(CUTTLE_SIMT_TSAN)
// The C library's own sigaction. The thread sanitizer's delays a handler until the next call into
// the C library, which an endless loop never makes.
extern "C" int __sigaction(int, const struct sigaction*, struct sigaction*) noexcept;
#endif

namespace cuttle::simt {

/// `flags` as of sigaction; SA_SIGINFO is added.
inline void set_signal_handler(int signal, void (*handler)(int, siginfo_t*, void*), int flags = 0) {
  struct sigaction action {};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO | flags;
#if defined(CUTTLE_SIMT_TSAN)
  __sigaction(signal, &action, nullptr);
#else
  sigaction(signal, &action, nullptr);
#endif
}

}  // namespace cuttle::simt
