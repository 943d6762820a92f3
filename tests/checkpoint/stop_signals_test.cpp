// StopSignals: what is noted, and that the handlers before come back.
#include <cuttle/checkpoint/stop_signals.h>
#include <signal.h>

#include "io/scratch.h"

namespace cuttle::testing {
namespace {

TEST(StopSignals, NotesTheFirst) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const StopSignals stop;
    EXPECT_FALSE(stop.arrived());
    EXPECT_EQ(stop.exit_status(), 0);
    ::raise(signal);
    EXPECT_TRUE(stop.arrived());
    EXPECT_EQ(stop.exit_status(), 128 + signal);
    EXPECT_EQ(stop.message("a.pt", "train --resume"),
              std::string("stopped by ") + (signal == SIGINT ? "SIGINT" : "SIGTERM") +
                  "; all is saved in a.pt; to go on: train --resume");
  }
}

TEST(StopSignals, TheSecondEndsTheProgram) {
  EXPECT_EXIT(
      {
        const StopSignals stop;
        ::raise(SIGINT);
        ::raise(SIGTERM);
      },
      ::testing::KilledBySignal(SIGTERM), "");
}

TEST(StopSignals, IsAloneAndPutsBackWhatWasThere) {
  struct sigaction before {
  }, after{};
  ::sigaction(SIGTERM, nullptr, &before);
  {
    const StopSignals stop;
    EXPECT_ERROR(StopSignals(), "there is one already");
  }
  ::sigaction(SIGTERM, nullptr, &after);
  EXPECT_EQ(before.sa_handler, after.sa_handler);
}

}  // namespace
}  // namespace cuttle::testing
