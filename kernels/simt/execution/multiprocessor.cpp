// How a block runs: starting, switching and ending its threads. The waiting itself, at barriers and
// in warp operations, is in multiprocessor_sync.cpp.
#include "multiprocessor.h"

#include <algorithm>
#include <numeric>
#include <sstream>

#include "../findings/report.h"
#include "../findings/sanitizers.h"
#include "../findings/trace.h"
#include "warp_op_names.h"

constinit thread_local uint3 threadIdx{};
constinit thread_local uint3 blockIdx{};
constinit thread_local dim3 blockDim{};
constinit thread_local dim3 gridDim{};

namespace cuttle::simt {

namespace {
thread_local Multiprocessor* current_multiprocessor = nullptr;
Token launch_start;
}  // namespace

Multiprocessor::Multiprocessor() : threads_(kMaxThreads), order_(kMaxThreads) {
  for (unsigned rank = 0; rank < kMaxThreads; ++rank) threads_[rank].rank = rank;
  // Nothing here allocates while threads of a block run.
  fibers_.reserve(kMaxThreads);
  idle_fibers_.reserve(kMaxThreads);
}

Multiprocessor* Multiprocessor::current() noexcept {
  return current_multiprocessor;
}

void Multiprocessor::start_launch() {
  RaceDetector::release(launch_start);
}

void Multiprocessor::finish_launch() {
  for (Token& token : block_ends_) race_.acquire(token);
}

void Multiprocessor::begin_launch(const Launch& launch, const uint64_t* seed) {
  const dim3 block = launch.block;
  launch_ = &launch;
  host_ = &Fiber::host();
  count_ = block.x * block.y * block.z;
  random_ = seed != nullptr;
  if (seed) random_bits_.seed(*seed);
  std::iota(order_.begin(), order_.begin() + count_, 0u);
  for (unsigned rank = 0; rank < count_; ++rank) {
    threads_[rank].index = {rank % block.x, rank / block.x % block.y, rank / (block.x * block.y)};
  }
  for (unsigned first = 0; first < count_; first += kWarpSize) {
    const unsigned lanes = std::min(count_ - first, kWarpSize);
    warps_[first / kWarpSize].present = lanes == kWarpSize ? ~0u : (1u << lanes) - 1;
  }
  race_.prepare(count_);
  blockDim = launch.block;
  gridDim = launch.grid;
}

void Multiprocessor::run_block(uint3 block) {
  blockIdx = block;
  race_.begin_block();  // filling the block's memory is no access of the kernel
  memory_.begin_block(launch_->dynamic_shared, launch_->shared_limit);
  started_ = 0;
  alive_ = count_;
  for (unsigned rank = 0; rank < count_; ++rank) {
    threads_[rank].state = Thread::State::not_started;
    threads_[rank].waited = false;
    threads_[rank].site.line = 0;
    threads_[rank].copies.clear();
    threads_[rank].products.clear();
  }
  for (unsigned first = 0; first < count_; first += kWarpSize) {
    warps_[first / kWarpSize].exited = warps_[first / kWarpSize].waiting = 0;
  }
  if (random_) std::shuffle(order_.begin(), order_.begin() + count_, random_bits_);

  if (kThreadSanitizer) {
    for (unsigned rank = 0; rank < count_; ++rank) {
      race_.name_thread(rank, block, threads_[rank].index);
    }
  }

  current_multiprocessor = this;
  race_.release(shared_filled_);
  running_ = nullptr;
  switch_to(choose_next());  // comes back when the last thread has returned
  race_.end_block();
  if (kTrace) Trace::instance().end_block();
  ++blocks_run_;
  current_multiprocessor = nullptr;
}

// What every fiber runs, for ever: one CUDA thread after the other. Nothing thread_local may be
// touched here: between two launches a fiber can move to another OS thread, and a compiler that
// found the address of a thread_local variable once keeps it.
void Multiprocessor::fiber_main() {
  Fiber::enter();
  Multiprocessor& self = *current();
  for (;;) self.run_threads();
}

// Runs CUDA threads on this stack while that takes no switch, then switches; comes back when the
// stack is needed again.
[[gnu::noinline]] void Multiprocessor::run_threads() {
  for (;;) {
    Thread& thread = *running_;
    race_.enter_thread(thread.rank);
    race_.acquire(launch_start);
    race_.acquire(shared_filled_);
    race_.acquire(block_ends_[(blocks_run_ + 1) % 2]);  // the block before
    launch_->call->run();
    race_.release(block_ends_[blocks_run_ % 2]);
    race_.leave_thread();
    finish_thread(thread);

    Thread* next = choose_next();
    if (!next && alive_ > 0) report_deadlock();
    if (!next || next->state != Thread::State::not_started || kThreadSanitizer) {
      idle_fibers_.push_back(thread.fiber);
      return switch_to(next);
    }
    next->fiber = thread.fiber;  // on this stack, without a switch
    next->state = Thread::State::ready;
    running_ = next;
    threadIdx = next->index;
    atomics_in_turn_ = 0;
  }
}

// A thread that can go on, or the next one to start; nullptr if all wait or have returned.
Thread* Multiprocessor::choose_next() {
  const unsigned unstarted = count_ - started_;
  const unsigned choices = ready_.size() + unstarted;
  if (choices == 0) return nullptr;
  const unsigned choice = random_ ? static_cast<unsigned>(random_bits_() % choices) : 0;
  if (choice < ready_.size()) return ready_.take(choice);
  return &threads_[order_[started_++]];
}

void Multiprocessor::give_stack(Thread& thread) {
  // The thread sanitizer would take the reuse of a stack for a race: there each rank keeps its own.
  if (kThreadSanitizer) {
    while (fibers_.size() < count_) fibers_.push_back(std::make_unique<Fiber>(fiber_main));
    thread.fiber = fibers_[thread.rank].get();
    return;
  }
  if (idle_fibers_.empty()) {
    fibers_.push_back(std::make_unique<Fiber>(fiber_main));
    idle_fibers_.push_back(fibers_.back().get());
  }
  thread.fiber = idle_fibers_.back();
  idle_fibers_.pop_back();
}

// Goes on with `next`; with the host, once no thread is left.
void Multiprocessor::switch_to(Thread* next) {
  Fiber& from = running_ ? *running_->fiber : *host_;
  if (next && next->state == Thread::State::not_started) {
    give_stack(*next);
    next->state = Thread::State::ready;
  }
  running_ = next;
  atomics_in_turn_ = 0;
  if (next) threadIdx = next->index;
  Fiber& to = next ? *next->fiber : *host_;
  if (&from != &to) Fiber::switch_between(from, to);
}

// The running thread waits, and others go on until it is woken.
void Multiprocessor::wait(Thread::State state) {
  running_->state = state;
  Thread* next = choose_next();
  if (!next) report_deadlock();
  switch_to(next);
}

// The running thread stands back behind all that could go on or start.
void Multiprocessor::yield() {
  Thread& self = *running_;
  race_.leave_thread();
  self.state = Thread::State::ready;
  ready_.push(&self);
  switch_to(started_ < count_ ? &threads_[order_[started_++]] : choose_next());
  race_.enter_thread(self.rank);
}

void Multiprocessor::finish_thread(Thread& thread) {
  if (launch_->overlaps && !thread.waited) {
    report(
        "a thread of a kernel that is launched to overlap the one before it ends without "
        "waiting for that one");
  }
  thread.state = Thread::State::finished;
  --alive_;
  Warp& warp = warps_[thread.rank / kWarpSize];
  warp.exited |= 1u << thread.rank % kWarpSize;
  // Whoever waited for this thread alone need not wait any more.
  for (unsigned lanes = warp.waiting; lanes; lanes &= lanes - 1) {
    const Thread& waiting = lane_of(thread, __builtin_ctz(lanes));
    if (waiting.state == Thread::State::in_warp_operation) {
      try_complete(warp, waiting.request.mask, nullptr);
    }
  }
  if (alive_ > 0 && arrived_ == alive_) release_barrier(nullptr);
}

void Multiprocessor::report_deadlock() const {
  std::ostringstream text;
  text << "no thread of the block can go on:";
  unsigned shown = 0, waiting = 0;
  for (unsigned rank = 0; rank < count_; ++rank) {
    const Thread& thread = threads_[rank];
    if (thread.state != Thread::State::at_barrier &&
        thread.state != Thread::State::in_warp_operation) {
      continue;
    }
    if (waiting++ == 0) threadIdx = thread.index;  // the report is about it, to begin with
    const bool first_of_warp = rank % kWarpSize == 0 || threads_[rank - 1].state != thread.state ||
                               threads_[rank - 1].site.line != thread.site.line;
    if (!first_of_warp || shown++ >= 8) continue;
    text << "\n  thread (" << thread.index.x << "," << thread.index.y << "," << thread.index.z
         << ") waits in ";
    if (thread.state == Thread::State::at_barrier) {
      text << "__syncthreads at " << thread.site;
    } else {
      text << name_of(thread.request.op) << " at " << thread.site << " for the lanes of mask 0x"
           << std::hex << thread.request.mask << std::dec;
    }
  }
  text << "\n  (" << waiting << " threads wait, " << count_ - alive_ << " have returned)";
  stop_with_report(text.str());
}

}  // namespace cuttle::simt
