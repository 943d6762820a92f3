// Barriers and fences of a block and between kernels, under CUDA's names.
#pragma once

#include <chrono>

#include "interpreter.h"

inline void __syncthreads(cuttle::simt::Site site = cuttle::simt::Site()) {
  cuttle::simt::block_barrier(false, site);
}

/// How many threads of the block came with a predicate other than 0.
inline int __syncthreads_count(int predicate, cuttle::simt::Site site = cuttle::simt::Site()) {
  return cuttle::simt::block_barrier(predicate != 0, site).count;
}

inline int __syncthreads_and(int predicate, cuttle::simt::Site site = cuttle::simt::Site()) {
  return cuttle::simt::block_barrier(predicate != 0, site).all;
}

inline int __syncthreads_or(int predicate, cuttle::simt::Site site = cuttle::simt::Site()) {
  return cuttle::simt::block_barrier(predicate != 0, site).count != 0;
}

inline void __threadfence() {
  cuttle::simt::memory_fence();
}
inline void __threadfence_block() {
  cuttle::simt::memory_fence();
}
inline void __threadfence_system() {
  cuttle::simt::memory_fence();
}

/// Programmatic dependent launch: waits for the kernel ahead in the stream. Kernels run one after
/// the other here, so that what remains is to notice a thread that does not call it.
inline void cudaGridDependencySynchronize() {
  cuttle::simt::note_wait_for_predecessor();
}
/// Lets the next kernel start before this one has ended; it never does here.
inline void cudaTriggerProgrammaticLaunchCompletion() {}

/// The clock of the CPU: good for differences alone.
inline long long clock64() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

/// Stops the program, as a failed check in a kernel does.
[[noreturn]] inline void __trap(cuttle::simt::Site site = cuttle::simt::Site()) {
  cuttle::simt::trap(site);
}
/// Lets other threads of the block go on.
inline void __nanosleep(unsigned) {
  cuttle::simt::yield();
}
