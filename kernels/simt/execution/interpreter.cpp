// What the built-ins of a kernel call (language/interpreter.h): each finds the multiprocessor that
// runs the calling thread, and asks it.
#include "../language/interpreter.h"

#include "../findings/report.h"
#include "../language/async_copy.h"
#include "../language/matrix.h"
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

void report_sparse_metadata(int lane, uint32_t metadata) {
  report("mma.sp of tf32: lane ", lane, " of the warp brings the metadata ", metadata,
         ", which is not made of 0b0100 and 0b1110 alone");
}

void queue_copy(const AsyncCopy& copy, Site site) {
  running_multiprocessor("cp.async", site).queue_copy(copy);
}
void report_misaligned_copy(const AsyncCopy& copy, Site site) {
  report("cp.async at ", site, ": ", copy.bytes, " bytes from ", copy.from, " to ", copy.to,
         "; both addresses must be multiples of ", copy.bytes);
}
void commit_copies() {
  running_multiprocessor("cp.async.commit_group", Site()).commit_copies();
}
bool take_copy(unsigned groups_left, AsyncCopy& copy) {
  return running_multiprocessor("cp.async.wait_group", Site()).take_copy(groups_left, copy);
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
