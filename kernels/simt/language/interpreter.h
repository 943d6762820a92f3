// What a running kernel asks of the interpreter: which thread it is, barriers, warp operations and
// its block's shared memory. The built-ins of CUDA (barriers.h, warp.h, shared_memory.h) are thin
// names for these.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime_headers.h"
#include "site.h"

// Set by the interpreter whenever it switches to another CUDA thread. One copy an OS thread, since
// each OS thread runs a block of its own.
extern constinit thread_local uint3 threadIdx;
extern constinit thread_local uint3 blockIdx;
extern constinit thread_local dim3 blockDim;
extern constinit thread_local dim3 gridDim;
inline constexpr int warpSize = 32;

namespace cuttle::simt {

inline constexpr unsigned kWarpSize = 32;

/// What a barrier tells every thread that passes it.
struct BarrierResult {
  int count = 0;  // threads whose predicate was not 0
  bool all = false;
};

/// __syncthreads and its voting kin: returns when every thread of the block that has not yet
/// returned from the kernel has called it, from the same line.
BarrierResult block_barrier(bool predicate, Site site);

/// The operations in which the lanes of a warp meet.
enum class WarpOp : uint8_t {
  sync,
  shuffle,
  shuffle_up,
  shuffle_down,
  shuffle_xor,
  ballot,
  match_any,
  match_all,
  reduce_add,
  reduce_min,
  reduce_max,
  reduce_and,
  reduce_or,
  reduce_xor,
  mma_tf32,
  mma_bf16,
  mma_sparse_tf32,
  wgmma
};

/// What one lane brings to a warp operation. Values of up to 8 bytes travel as raw bits, those of a
/// reduction as int64_t.
struct WarpRequest {
  WarpOp op = WarpOp::sync;
  unsigned mask = 0;    // the lanes that take part
  uint64_t value = 0;   // this lane's
  int argument = 0;     // source lane, distance or xor mask of a shuffle
  int width = 32;       // a shuffle stays within segments of so many lanes
  bool orders = false;  // also a memory barrier among the lanes
  // Where the warp computes as one: called once with the 32 lanes' values, which are pointers then.
  void (*together)(const uint64_t* values) = nullptr;
};

/// Returns when all lanes of the mask that are still running have called it with the same
/// operation and mask; then each gets its result.
uint64_t warp_collective(const WarpRequest& request, Site site);

/// This thread's number within its warp, 0 to 31.
unsigned lane_id();
/// This thread's number within its block, x fastest.
unsigned thread_rank();

/// One static shared array of a kernel; CUTTLE_SHARED makes one per declaration. Its address in
/// the program is its identity; each block finds its own memory for it.
struct SharedArray {
  size_t bytes;
  size_t alignment;
  const char* name;
  mutable int slot = -1;  // index into the multiprocessors' tables, given at the first use
};
/// The current block's memory for the array, filled with 0xff when the block first asks.
void* shared_address(const SharedArray& array);
/// The current block's dynamic shared memory.
void* dynamic_shared_address();

/// __threadfence: this thread's writes before it are seen before those after it.
void memory_fence();

/// This thread has waited for the kernel ahead in its stream: from here on it may use global
/// memory, and return.
void note_wait_for_predecessor();

/// Lets other threads of the block go on: each of them makes progress even while this one spins.
void yield();

/// True while the calling OS thread runs a kernel.
bool in_kernel() noexcept;

/// Ends the program with a report that names kernel, block and thread.
[[noreturn]] void trap(Site site);

}  // namespace cuttle::simt
