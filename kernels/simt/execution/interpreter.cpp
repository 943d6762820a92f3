// What the built-ins of a kernel call (language/interpreter.h): each finds the multiprocessor that
// runs the calling thread, and asks it.
#include "../language/interpreter.h"

#include "../findings/report.h"
#include "multiprocessor.h"
#include "warp_op_names.h"

namespace cuttle::simt {

namespace {

Multiprocessor& running_multiprocessor(const char* what, Site site) {
  Multiprocessor* running = Multiprocessor::current();
  if (!running) report(what, " at ", site, " is called outside a kernel");
  return *running;
}

}  // namespace

BarrierResult block_barrier(bool predicate, Site site) {
  return running_multiprocessor("__syncthreads", site).block_barrier(predicate, site);
}

uint64_t warp_collective(const WarpRequest& request, Site site) {
  return running_multiprocessor(name_of(request.op), site).warp_collective(request, site);
}

unsigned thread_rank() {
  return Multiprocessor::current()->running().rank;
}
unsigned lane_id() {
  return thread_rank() % kWarpSize;
}

void* shared_address(const SharedArray& array) {
  Multiprocessor* running = Multiprocessor::current();
  if (!running) {
    report("the shared array '", array.name,
           "' is used outside a kernel: a kernel is launched, not called");
  }
  return running->shared_address(array);
}
void* dynamic_shared_address() {
  return Multiprocessor::current()->dynamic_shared_address();
}

void memory_fence() {
  running_multiprocessor("__threadfence", Site()).fence();
}
void note_wait_for_predecessor() {
  running_multiprocessor("cudaGridDependencySynchronize", Site()).note_wait();
}
void yield() {
  if (Multiprocessor* running = Multiprocessor::current()) running->yield();
}
bool in_kernel() noexcept {
  return Multiprocessor::current() != nullptr;
}

void count_atomic() noexcept {
  if (Multiprocessor* running = Multiprocessor::current()) running->count_atomic();
}

}  // namespace cuttle::simt
