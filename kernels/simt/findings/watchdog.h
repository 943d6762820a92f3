// Stops a kernel that never ends.
#pragma once

namespace cuttle::simt {

/// While one lives, the calling OS thread runs a launch that may take so many seconds of processor
/// time (0: for ever; time in a debugger does not count). When it takes longer, the program is
/// stopped with a report, on the stack of the CUDA thread that runs, so that a debugger or a core
/// dump shows the loop.
class Watchdog {
 public:
  Watchdog(const void* kernel, double seconds);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
};

}  // namespace cuttle::simt
