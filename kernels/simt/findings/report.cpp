// Prints findings, and adds the CUDA coordinates to crashes and sanitizer reports.
#include "report.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "../execution/multiprocessor.h"
#include "../options.h"
#include "kernel_name.h"
#include "sanitizers.h"
#include "signal_handler.h"

namespace cuttle::simt {

namespace {

std::string coordinates(unsigned x, unsigned y, unsigned z) {
  std::ostringstream text;
  text << "(" << x << "," << y << "," << z << ")";
  return text.str();
}

bool reported = false;  // by stop_with_report, whose abort() needs no more words

// assert() or abort() in a kernel: the C library has printed the assertion, here follows the place.
void on_abort(int) {
  if (reported || !Multiprocessor::current()) return;
  std::fprintf(stderr, "simt: stopped %s\n", where_am_i().c_str());
}

// A wild address or a full stack inside a kernel. Prints, then lets the signal take its usual
// course: the faulty instruction runs again and stops the program, in gdb at its line.
[[maybe_unused]] void on_crash(int number, siginfo_t* info, void*) {
  std::signal(number, SIG_DFL);
  const Multiprocessor* running = Multiprocessor::current();
  if (!running) return;
  const bool overflow = running->is_below_stack(info->si_addr);
  std::fprintf(stderr, "simt: %s %p\n  %s\n",
               overflow           ? "the thread's local memory overflows at"
               : number == SIGFPE ? "arithmetic fault at"
                                  : "access to invalid address",
               info->si_addr, where_am_i().c_str());
}

#if defined(CUTTLE_SIMT_ASAN)
void print_where() {
  const std::string where = where_am_i();
  if (!where.empty()) std::fprintf(stderr, "simt: %s\n", where.c_str());
}
#endif

}  // namespace

#if defined(CUTTLE_SIMT_ASAN)
// Called by the undefined-behaviour sanitizer with each report.
extern "C" void __ubsan_on_report() {
  print_where();
}
#endif

std::string where_am_i() {
  const Multiprocessor* running = Multiprocessor::current();
  if (!running) return "";
  return "in kernel " + kernel_name(running->launch().kernel) + ", block " +
         coordinates(blockIdx.x, blockIdx.y, blockIdx.z) + ", thread " +
         coordinates(threadIdx.x, threadIdx.y, threadIdx.z);
}

void stop_with_report(const std::string& sentence) {
  reported = true;
  const std::string where = where_am_i();
  std::fprintf(stderr, "simt: %s\n", sentence.c_str());
  if (!where.empty()) std::fprintf(stderr, "  %s\n", where.c_str());
  if (*how_to_repeat()) std::fprintf(stderr, "  to see it again:%s\n", how_to_repeat());
  std::fflush(stderr);
  std::abort();
}

void trap(Site site) {
  report("__trap() at ", site);
}

void install_crash_reports() {
  set_signal_handler(SIGABRT, on_abort);  // abort() goes on when it returns
#if defined(CUTTLE_SIMT_ASAN)
  __sanitizer_set_death_callback(print_where);
#elif !defined(CUTTLE_SIMT_TSAN)
  struct sigaction action {};
  action.sa_sigaction = on_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (int number : {SIGSEGV, SIGBUS, SIGFPE}) sigaction(number, &action, nullptr);
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
