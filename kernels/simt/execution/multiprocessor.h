// The heart of the interpreter: runs one thread block at a time, as a GPU's streaming
// multiprocessor does. Each CUDA thread runs until it must wait: at a barrier for the rest of its
// block, or in a warp operation for the other lanes; then another one goes on. A thread that never
// waits never costs a switch: the next one starts on the same stack.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <unordered_map>
#include <vector>

#include "../findings/counters.h"
#include "../findings/race_detector.h"
#include "../language/async_copy.h"
#include "../language/interpreter.h"
#include "../language/kernel_call.h"
#include "../language/warpgroup.h"
#include "block_memory.h"
#include "fiber.h"
#include "group_queue.h"
#include "ready_queue.h"

namespace cuttle::simt {

inline constexpr unsigned kMaxThreads = 1024;

/// One CUDA thread of the running block.
struct Thread {
  enum class State : uint8_t { not_started, ready, at_barrier, in_warp_operation, finished };

  unsigned rank = 0;  // within the block, x fastest
  uint3 index{};      // threadIdx
  State state = State::not_started;
  bool waited = false;  // for the kernel ahead in the stream
  Fiber* fiber = nullptr;
  Site site{"", 0};       // where it waits, or waited last; line 0: nowhere yet
  BarrierResult barrier;  // what the last barrier told it
  WarpRequest request;    // what it brought to a warp operation, and then in `value` what it got
  // What runs beside the thread, which has not waited for it.
  GroupQueue<AsyncCopy> copies;
  GroupQueue<WarpgroupProduct> products;
};

class Multiprocessor {
 public:
  Multiprocessor();

  /// Gets ready for the blocks of a launch, which the calling OS thread will run; random order if
  /// `seed` is given.
  void begin_launch(const Launch& launch, const uint64_t* seed);
  void run_block(uint3 block);

  /// The one that runs a block on the calling OS thread; nullptr outside kernels.
  static Multiprocessor* current() noexcept;

  // For the threads of the block (see interpreter.h).
  BarrierResult block_barrier(bool predicate, Site site);
  uint64_t warp_collective(const WarpRequest& request, Site site);
  void* shared_address(const SharedArray& array);
  void* dynamic_shared_address() const { return memory_.dynamic(); }
  void fence();
  void yield();
  void count_atomic();
  void note_wait() { running_->waited = true; }
  /// Calls work(the running thread), unseen by the sanitizers.
  template <class Work>
  auto unseen(Work work) {
    race_.leave_thread();
    const auto result = work(*running_);
    race_.enter_thread(running_->rank);
    return result;
  }
  BlockMemory& memory() { return memory_; }
  const Thread& running() const { return *running_; }

  const Launch& launch() const { return *launch_; }
  EventCounts& counts() { return counts_; }
  /// True for an address just below the running thread's stack: its local memory overflowed.
  bool is_below_stack(const void* address) const { return running_->fiber->is_below(address); }
  /// Orders everything its blocks did before what the caller does next.
  void finish_launch();
  static void start_launch();

 private:
  struct Warp {
    unsigned present = 0;  // lanes that exist
    unsigned exited = 0;   // lanes that have returned
    unsigned waiting = 0;  // lanes in a warp operation
    // By mask, for the race detector: two tokens in turn, so that a lane one operation ahead orders
    // nothing, and none in common with the groups of other masks.
    struct Group {
      std::array<Token, 2> tokens;
      unsigned generation = 0;
    };
    std::unordered_map<unsigned, Group> groups;
  };

  // Scheduling (multiprocessor.cpp).
  [[noreturn]] static void fiber_main();
  void run_threads();
  Thread* choose_next();
  void give_stack(Thread& thread);
  void switch_to(Thread* next);
  void wait(Thread::State state);
  void finish_thread(Thread& thread);
  [[noreturn]] void report_deadlock() const;

  // Barriers and warp operations (multiprocessor_sync.cpp).
  void release_barrier(const Thread* caller);
  bool try_complete(Warp& warp, unsigned mask, const Thread* caller);
  void compute_together(const Thread* lanes, unsigned present) const;
  bool lanes_agree(const Warp& warp, unsigned mask, unsigned needed) const;
  uint64_t lane_result(const Thread& thread, unsigned present) const;
  Thread& lane_of(const Thread& thread, int lane) {
    return threads_[thread.rank / kWarpSize * kWarpSize + static_cast<unsigned>(lane)];
  }
  const Thread& lane_of(const Thread& thread, int lane) const {
    return threads_[thread.rank / kWarpSize * kWarpSize + static_cast<unsigned>(lane)];
  }

  const Launch* launch_ = nullptr;
  bool random_ = false;
  std::mt19937_64 random_bits_;

  unsigned count_ = 0;           // threads of a block
  std::vector<Thread> threads_;  // by rank
  std::vector<unsigned> order_;  // ranks in the order in which they start
  unsigned started_ = 0;         // how many of them have
  unsigned alive_ = 0;           // threads that have not returned yet
  ReadyQueue<Thread*, kMaxThreads> ready_;
  Thread* running_ = nullptr;

  unsigned atomics_in_turn_ = 0;  // since another thread ran

  unsigned arrived_ = 0;  // threads at the barrier
  int predicates_ = 0;    // of them, how many brought a true predicate
  const Thread* first_at_barrier_ = nullptr;
  unsigned barrier_generation_ = 0;

  std::array<Warp, kMaxThreads / kWarpSize> warps_;
  BlockMemory memory_;

  Fiber* host_ = nullptr;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> idle_fibers_;

  RaceDetector race_;
  std::array<Token, 2> barrier_tokens_;
  std::array<Token, 2> block_ends_;
  uint64_t blocks_run_ = 0;
  Token shared_filled_;
  EventCounts counts_;
};

}  // namespace cuttle::simt
