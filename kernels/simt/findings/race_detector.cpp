// The calls to the thread sanitizer behind race_detector.h.
#include "race_detector.h"

#if defined(CUTTLE_SIMT_TSAN)

#include <sanitizer/tsan_interface.h>

#include <cstdio>

#include "address.h"
#include "report.h"

extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);

// One of the accesses that a report is about; of all this only the address is of use here.
int __tsan_get_report_mop(void* report, unsigned long index, int* thread, void** address, int* size,
                          int* write, int* atomic, void** trace, unsigned long trace_size);

// Called by the sanitizer with each report, before it prints it.
void __tsan_on_report(void* report) {
  std::fprintf(stderr, "simt: a race, seen %s\n", cuttle::simt::where_am_i().c_str());
  int thread, size, write, atomic;
  void *address = nullptr, *trace = nullptr;
  __tsan_get_report_mop(report, 0, &thread, &address, &size, &write, &atomic, &trace, 1);
  const std::string what = cuttle::simt::describe_address(address);
  if (!what.empty()) std::fprintf(stderr, "simt: the address is %s\n", what.c_str());
}
}

namespace cuttle::simt {

RaceDetector::~RaceDetector() {
  for (void* clock : clocks_) __tsan_destroy_fiber(clock);
}

void RaceDetector::prepare(unsigned threads) {
  host_ = __tsan_get_current_fiber();
  while (clocks_.size() < threads) clocks_.push_back(__tsan_create_fiber(0));
}

void RaceDetector::name_thread(unsigned rank, const uint3& block, const uint3& thread) {
  char name[64];
  std::snprintf(name, sizeof name, "block (%u,%u,%u) thread (%u,%u,%u)", block.x, block.y, block.z,
                thread.x, thread.y, thread.z);
  __tsan_set_fiber_name(clocks_[rank], name);
}

void RaceDetector::enter_thread(unsigned rank) {
  __tsan_switch_to_fiber(clocks_[rank], __tsan_switch_to_fiber_no_sync);
}

void RaceDetector::leave_thread() {
  __tsan_switch_to_fiber(host_, __tsan_switch_to_fiber_no_sync);
}

void RaceDetector::release(Token& token) {
  __tsan_release(&token);
}
void RaceDetector::acquire(Token& token) {
  __tsan_acquire(&token);
}

void RaceDetector::begin_block() {
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
}

void RaceDetector::end_block() {
  AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
}

}  // namespace cuttle::simt

#endif
