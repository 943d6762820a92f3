// One timer an OS thread, on that thread's processor time. It sends SIGXCPU ("processor time limit
// exceeded") to the thread, whose handler reports.
#include "watchdog.h"

#include <unistd.h>
#include <ctime>

#include "kernel_name.h"
#include "report.h"
#include "signal_handler.h"
#include "source_line.h"

namespace cuttle::simt {

namespace {

thread_local const void* watched_kernel = nullptr;

void on_timeout(int, siginfo_t*, void* context) {
  alarm(10);  // should the report itself hang
  const std::string line = interrupted_line(context);
  report("the kernel ", kernel_name(watched_kernel), " does not end",
         line.empty() ? "" : "; it was stopped at ", line,
         "; CUTTLE_SIMT_WATCHDOG sets how many seconds it may take");
}

class Timer {
 public:
  Timer() {
    set_signal_handler(SIGXCPU, on_timeout);
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGXCPU;
    event._sigev_un._tid = gettid();
    works_ = timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer_) == 0;
  }
  ~Timer() {
    if (works_) timer_delete(timer_);
  }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void set(double seconds) {
    itimerspec time{};
    time.it_value.tv_sec = static_cast<time_t>(seconds);
    time.it_value.tv_nsec =
        static_cast<long>((seconds - static_cast<double>(time.it_value.tv_sec)) * 1e9);
    if (works_) timer_settime(timer_, 0, &time, nullptr);
  }

 private:
  timer_t timer_{};
  bool works_ = false;
};

Timer& timer() {
  static thread_local Timer mine;
  return mine;
}

}  // namespace

Watchdog::Watchdog(const void* kernel, double seconds) {
  watched_kernel = kernel;
  timer().set(seconds);
}

Watchdog::~Watchdog() {
  timer().set(0);
}

}  // namespace cuttle::simt
