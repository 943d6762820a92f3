// Stacks of fibers, each with an inaccessible page below it, and what the address sanitizer must
// know about a switch.
#include "fiber.h"

#include <pthread.h>
#include <sys/mman.h>

#include "../findings/report.h"
#include "../findings/sanitizers.h"
#include "fiber_switch.h"

#if defined(CUTTLE_SIMT_ASAN)
#include <sanitizer/common_interface_defs.h>
#endif

namespace cuttle::simt {

namespace {
// Address space alone: the system gives a page when it is touched. A CUDA thread has up to 512 KiB
// of local memory, but kernels that use more than a fraction of that would be slow on a GPU too.
constexpr size_t kStackBytes = 256 << 10;
// As wide as all the local memory a CUDA thread may have: a large array must not reach past it.
constexpr size_t kGuardBytes = 512 << 10;
}  // namespace

Fiber::Fiber() {
  pthread_attr_t attributes;
  void* lowest = nullptr;
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstack(&attributes, &lowest, &stack_bytes_);
  pthread_attr_destroy(&attributes);
  stack_ = static_cast<char*>(lowest);
}

Fiber::Fiber(void (*entry)()) : stack_bytes_(kStackBytes), owns_stack_(true) {
  void* memory = mmap(nullptr, kGuardBytes + kStackBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) report("no memory for the stack of a CUDA thread");
  if (mprotect(memory, kGuardBytes, PROT_NONE)) report("no guard for the stack of a CUDA thread");
  stack_ = static_cast<char*>(memory) + kGuardBytes;
  stopped_at_ = prepare_stack(stack_, stack_bytes_, entry);
}

Fiber::~Fiber() {
  forget_stack(stopped_at_);
  if (owns_stack_) munmap(stack_ - kGuardBytes, kGuardBytes + kStackBytes);
}

Fiber& Fiber::host() {
  static thread_local Fiber fiber;
  return fiber;
}

void Fiber::switch_between(Fiber& from, Fiber& to) {
#if defined(CUTTLE_SIMT_ASAN)
  __sanitizer_start_switch_fiber(&from.fake_stack_, to.stack_, to.stack_bytes_);
#endif
  cuttle_simt_switch(&from.stopped_at_, to.stopped_at_);
#if defined(CUTTLE_SIMT_ASAN)
  __sanitizer_finish_switch_fiber(from.fake_stack_, nullptr, nullptr);
#endif
}

void Fiber::enter() {
#if defined(CUTTLE_SIMT_ASAN)
  __sanitizer_finish_switch_fiber(nullptr, nullptr, nullptr);
#endif
}

bool Fiber::holds(const void* address) const {
  const char* byte = static_cast<const char*>(address);
  return byte >= stack_ && byte < stack_ + stack_bytes_;
}

bool Fiber::is_below(const void* address) const {
  const char* byte = static_cast<const char*>(address);
  return byte < stack_ && stack_ - byte <= 1 << 20;
}

}  // namespace cuttle::simt
