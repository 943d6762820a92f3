// What asynchronous copies and matrix products ask of the interpreter (language/async_copy.h,
// matrix.h, warpgroup.h).
#include "../findings/report.h"
#include "../language/async_copy.h"
#include "../language/matrix.h"
#include "../language/warpgroup.h"
#include "multiprocessor.h"

namespace cuttle::simt {

namespace {

// Work on the running thread's queues.
template <class Work>
auto with_thread(const char* what, Work work) {
  Multiprocessor* running = Multiprocessor::current();
  if (!running) report(what, " is called outside a kernel");
  return running->unseen(work);
}

}  // namespace

void queue_copy(const AsyncCopy& copy, Site) {
  with_thread("cp.async", [&](Thread& thread) { return thread.copies.add(copy), true; });
}
void commit_copies() {
  with_thread("cp.async.commit_group", [](Thread& thread) { return thread.copies.commit(), true; });
}
bool take_copy(unsigned groups_left, AsyncCopy& copy) {
  return with_thread("cp.async.wait_group",
                     [&](Thread& thread) { return thread.copies.take(groups_left, copy); });
}
void report_misaligned_copy(const AsyncCopy& copy, Site site) {
  report("cp.async at ", site, ": ", copy.bytes, " bytes from ", copy.from, " to ", copy.to,
         "; both addresses must be multiples of ", copy.bytes);
}

void report_sparse_metadata(int lane, uint32_t metadata) {
  report("mma.sp of tf32: lane ", lane, " of the warp brings the metadata ", metadata,
         ", which is not made of 0b0100 and 0b1110 alone");
}

void queue_product(const WarpgroupProduct& product) {
  with_thread("wgmma", [&](Thread& thread) { return thread.products.add(product), true; });
}
void commit_products() {
  with_thread("wgmma.commit_group", [](Thread& thread) { return thread.products.commit(), true; });
}
bool take_product(unsigned groups_left, WarpgroupProduct& product) {
  return with_thread("wgmma.wait_group",
                     [&](Thread& thread) { return thread.products.take(groups_left, product); });
}
void report_product(const char* sentence, Site site) {
  report("wgmma at ", site, ": ", sentence);
}

uint32_t shared_offset(const void* address) {
  return Multiprocessor::current()->memory().offset_of(address);
}
const void* at_shared_offset(uint32_t offset, size_t bytes) {
  return Multiprocessor::current()->memory().at_offset(offset, bytes);
}

}  // namespace cuttle::simt
