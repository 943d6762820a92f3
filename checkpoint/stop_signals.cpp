// StopSignals: a handler that notes the signal and gives way to the next.
#include "stop_signals.h"

#include <signal.h>

#include <atomic>

#include "../kernels/error.h"

namespace cuttle {
namespace {

std::atomic<bool> in_use{false};
std::atomic<int> noted{0};
struct sigaction interrupt, terminate;  // what was in force before
static_assert(std::atomic<int>::is_always_lock_free, "handlers may write no other");

void note(int signal) {
  noted = signal;
  // The second of either kind ends the program.
  ::signal(SIGINT, SIG_DFL);
  ::signal(SIGTERM, SIG_DFL);
}

}  // namespace

StopSignals::StopSignals() {
  if (in_use.exchange(true)) fail("StopSignals: there is one already; use that");
  noted = 0;
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, &interrupt);
  ::sigaction(SIGTERM, &action, &terminate);
}

StopSignals::~StopSignals() {
  ::sigaction(SIGINT, &interrupt, nullptr);
  ::sigaction(SIGTERM, &terminate, nullptr);
  in_use = false;
}

int StopSignals::number() noexcept {
  return noted;
}

std::string StopSignals::message(const std::filesystem::path& saved,
                                 const std::string& command) const {
  const char* name = number() == SIGTERM ? "SIGTERM" : "SIGINT";
  return std::string("stopped by ") + name + "; all is saved in " + saved.string() +
         "; to go on: " + command;
}

}  // namespace cuttle
