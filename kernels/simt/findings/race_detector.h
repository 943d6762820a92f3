// What the thread sanitizer is told: which CUDA thread runs, and what orders one after another. In
// other builds every function here is empty.
//
// The sanitizer knows "fibers": clocks of their own that code can be attributed to. Each CUDA
// thread is one. Switching orders nothing; only a barrier, __syncwarp or a fence does, through a
// token that every party first releases and then acquires. The interpreter's own accesses are
// attributed to the host and ignored.
//
// Blocks: each multiprocessor has CUDA threads, shared memory and tokens of its own, and blocks are
// dealt out to several multiprocessors, so two blocks are unordered unless one multiprocessor ran
// both. That is what makes a race between two blocks visible.
#pragma once

#include <cstddef>
#include <vector>

#include "../language/runtime_headers.h"

namespace cuttle::simt {

/// A thing to wait on; its address is what the sanitizer knows.
struct Token {
  char byte = 0;
};

class RaceDetector {
 public:
#if defined(CUTTLE_SIMT_TSAN)
  ~RaceDetector();
  /// Makes clocks for so many CUDA threads.
  void prepare(unsigned threads);
  /// What runs from here on is CUDA thread `rank`'s doing.
  void enter_thread(unsigned rank);
  /// What runs from here on is the interpreter's doing.
  void leave_thread();
  /// Everything the running thread did happens before what acquires the token later.
  static void release(Token& token);
  static void acquire(Token& token);
  /// The name under which reports mention the thread.
  void name_thread(unsigned rank, const uint3& block, const uint3& thread);
  /// Between these two the host's accesses are ignored.
  void begin_block();
  void end_block();

 private:
  std::vector<void*> clocks_;  // by rank
  void* host_ = nullptr;
#else
  void prepare(unsigned) {}
#if defined(CUTTLE_SIMT_TRACE)
  /// True while a CUDA thread's own code runs: what the trace records.
  static inline thread_local bool in_thread = false;
  void enter_thread(unsigned) {
    in_thread = true;
  }
  void leave_thread() {
    in_thread = false;
  }
#else
  void enter_thread(unsigned) {}
  void leave_thread() {}
#endif
  void name_thread(unsigned, const uint3&, const uint3&) {}
  static void release(Token&) {}
  static void acquire(Token&) {}
  void begin_block() {}
  void end_block() {}
#endif
};

}  // namespace cuttle::simt
