// What a launch did to memory and how its warps diverged: counts that a GPU hides. Available in
// builds with CUTTLE_SIMT_TRACE, in which the compiler reports every load, store and basic block of
// a kernel (trace_hooks.cpp).
//
// Modelled: the k-th time a lane comes to an instruction is one warp instruction together with the
// k-th time of the other lanes, as if a warp reconverged at once. Global memory moves in sectors of
// 32 bytes; shared memory has 32 banks of 4 bytes, and accesses of 8 and 16 bytes go by half and
// quarter warps. Not modelled: caches, time, and what nvcc's optimiser would do differently.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace cuttle::simt {

/// What the launches of a multiprocessor counted.
struct EventCounts {
  uint64_t barriers = 0;         // arrivals of a thread at a block barrier
  uint64_t warp_operations = 0;  // arrivals of a lane at a warp operation
  uint64_t atomics = 0;
};

/// Accesses of one kind. An instruction is one of a warp, whatever number of its lanes take part.
struct AccessCounters {
  uint64_t instructions = 0;
  uint64_t bytes = 0;           // asked for by the lanes, all together
  uint64_t sectors = 0;         // of 32 bytes, global memory: what must be moved
  uint64_t bank_conflicts = 0;  // shared memory: further passes beyond the first
};

struct LaunchCounters {
  std::string kernel;
  AccessCounters global_loads, global_stores, shared_loads, shared_stores;
  uint64_t barriers = 0;         // arrivals of a thread at a barrier of the block
  uint64_t warp_operations = 0;  // arrivals of a lane at a shuffle, vote or __syncwarp
  uint64_t atomics = 0;
  uint64_t warp_blocks = 0;       // basic blocks of code, executed by a warp
  uint64_t divergent_blocks = 0;  // of them, with some lanes inactive
  uint64_t lane_blocks = 0;       // basic blocks executed by a lane; at most 32 · warp_blocks
};

/// The counters of all launches since the last call, in order; always empty without
/// CUTTLE_SIMT_TRACE. With CUTTLE_SIMT_COUNTERS=1 each launch also prints its own to stderr.
std::vector<LaunchCounters> take_launch_counters();

std::ostream& operator<<(std::ostream& out, const LaunchCounters& counters);

}  // namespace cuttle::simt
