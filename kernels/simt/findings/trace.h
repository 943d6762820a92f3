// Records what the kernels of a traced build do, thread by thread, and finds what only a record of
// every access can find: shared memory read before it is written, and host memory used by a kernel.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "../language/interpreter.h"
#include "../language/kernel_call.h"
#include "counters.h"

namespace cuttle::simt {

class Trace {
 public:
  static Trace& instance();

  void begin_launch(const Launch& launch, const EventCounts& counts);
  void end_launch(const EventCounts& counts);
  void end_block();
  std::vector<LaunchCounters> take();

  enum class Kind : uint8_t { load, store, atomic };
  /// The running CUDA thread touches memory, at the instruction `place`.
  void access(const void* address, size_t bytes, Kind kind, const void* place);
  /// The running CUDA thread enters the basic block that begins at `place`.
  void basic_block(const void* place);

 private:
  struct Access {
    const void* place;
    uint64_t address;
    uint32_t rank, ordinal;  // thread; which time it comes to the place
    uint32_t bytes;
    bool store, shared;
  };
  using Group = std::vector<Access>::const_iterator;

  uint32_t next_ordinal(const void* place, unsigned rank);
  void count_group(Group begin, Group end);
  void count_basic_blocks();

  LaunchCounters launch_;
  EventCounts counts_before_;
  unsigned threads_ = 0;                                                  // of a block
  std::vector<Access> accesses_;                                          // of the running block
  std::unordered_map<uint64_t, uint32_t> times_;                          // by place and rank
  std::unordered_map<uint64_t, std::array<uint32_t, kWarpSize>> visits_;  // by place and warp
  std::vector<LaunchCounters> finished_;
};

}  // namespace cuttle::simt
