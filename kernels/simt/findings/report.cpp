// Prints findings, and where the running CUDA thread is.
#include "report.h"

#include <cstdio>
#include <cstdlib>

#include "../execution/multiprocessor.h"
#include "../options.h"
#include "crash.h"
#include "kernel_name.h"

namespace cuttle::simt {

namespace {

std::string coordinates(unsigned x, unsigned y, unsigned z) {
  std::ostringstream text;
  text << "(" << x << "," << y << "," << z << ")";
  return text.str();
}

}  // namespace

std::string where_am_i() {
  const Multiprocessor* running = Multiprocessor::current();
  if (!running) return "";
  return "in kernel " + kernel_name(running->launch().kernel) + ", block " +
         coordinates(blockIdx.x, blockIdx.y, blockIdx.z) + ", thread " +
         coordinates(threadIdx.x, threadIdx.y, threadIdx.z);
}

void stop_with_report(const std::string& sentence) {
  const std::string where = where_am_i();
  std::fprintf(stderr, "simt: %s\n", sentence.c_str());
  if (!where.empty()) std::fprintf(stderr, "  %s\n", where.c_str());
  if (*how_to_repeat()) std::fprintf(stderr, "  to see it again:%s\n", how_to_repeat());
  std::fflush(stderr);
  abort_without_a_word();
}

void trap(Site site) {
  report("__trap() at ", site);
}

}  // namespace cuttle::simt
