// Handlers of signals, and the calls that the sanitizers make with each of their reports.
#include "crash.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "../execution/multiprocessor.h"
#include "address.h"
#include "report.h"
#include "sanitizers.h"
#include "signal_handler.h"
#include "source_line.h"

namespace cuttle::simt {

namespace {

// A crash may have come with the heap broken or locked, and then the words for it cost another
// crash, or never end: the first follows the system's usual course, the second ends after these
// seconds.
constexpr unsigned kSecondsForWords = 10;

void take_the_usual_course(int signal) {
  std::signal(signal, SIG_DFL);
  std::signal(SIGABRT, SIG_DFL);
  alarm(kSecondsForWords);
}

// assert() or abort() in a kernel: the C library has printed the assertion, here follows the place.
void on_abort(int, siginfo_t*, void*) {
  take_the_usual_course(SIGABRT);
  if (!Multiprocessor::current()) return;
  std::fprintf(stderr, "simt: stopped %s\n", where_am_i().c_str());
}

// What the address means, as far as that is a common mistake.
const char* meaning_of(const void* address, const Multiprocessor& running) {
  if (reinterpret_cast<uintptr_t>(address) >= 4096) return "";
  return running.launch().dynamic_shared == 0 ? ", at or near a null pointer (dynamic shared "
                                                "memory is one: the launch asks for none)"
                                              : ", at or near a null pointer";
}

// A wild address or a full stack inside a kernel. Prints, then lets the signal take its usual
// course: the faulty instruction runs again and stops the program, in gdb at its line.
[[maybe_unused]] void on_crash(int number, siginfo_t* info, void* context) {
  take_the_usual_course(number);
  const Multiprocessor* running = Multiprocessor::current();
  if (!running) return;
  if (running->is_below_stack(info->si_addr)) {
    std::fprintf(stderr, "simt: the thread's local memory overflows");
  } else if (number == SIGFPE) {
    std::fprintf(stderr, "simt: arithmetic fault");
  } else {
    std::fprintf(stderr, "simt: access to invalid address %p%s", info->si_addr,
                 meaning_of(info->si_addr, *running));
  }
  const std::string line = interrupted_line(context);
  std::fprintf(stderr, "%s%s\n  %s\n", line.empty() ? "" : ", at ", line.c_str(),
               where_am_i().c_str());
  alarm(0);
}

#if defined(CUTTLE_SIMT_ASAN)
void print_where() {
  const std::string where = where_am_i();
  if (!where.empty()) std::fprintf(stderr, "simt: %s\n", where.c_str());
}
#endif

}  // namespace

#if defined(CUTTLE_SIMT_ASAN)
// Called by the sanitizers with each report, before they print it.
extern "C" void __asan_on_error() {
  print_where();
  const std::string what = describe_address(__asan_get_report_address());
  if (!what.empty()) std::fprintf(stderr, "simt: the address is %s\n", what.c_str());
}
extern "C" void __ubsan_on_report() {
  print_where();
}
#endif

void abort_without_a_word() {
  std::signal(SIGABRT, SIG_DFL);
  std::abort();
}

void install_crash_reports() {
  set_signal_handler(SIGABRT, on_abort);  // abort() goes on when it returns
#if !defined(CUTTLE_SIMT_ASAN) && !defined(CUTTLE_SIMT_TSAN)
  for (int number : {SIGSEGV, SIGBUS, SIGFPE}) set_signal_handler(number, on_crash, SA_ONSTACK);
#endif
}

void install_crash_stack() {
#if !defined(CUTTLE_SIMT_ASAN) && !defined(CUTTLE_SIMT_TSAN)
  constexpr size_t kBytes = 64 << 10;
  static thread_local std::unique_ptr<char[]> memory;
  if (memory) return;
  memory = std::make_unique<char[]>(kBytes);
  stack_t stack{};
  stack.ss_sp = memory.get();
  stack.ss_size = kBytes;
  sigaltstack(&stack, nullptr);
#endif
}

}  // namespace cuttle::simt
