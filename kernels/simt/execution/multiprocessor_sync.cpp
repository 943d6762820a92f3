// How threads of a block wait for each other: the block's barrier, and the operations in which the
// lanes of a warp meet.
#include "../findings/report.h"
#include "../findings/sanitizers.h"
#include "multiprocessor.h"
#include "warp_op_names.h"

namespace cuttle::simt {

namespace {

std::string hex(unsigned mask) {
  std::ostringstream text;
  text << "0x" << std::hex << mask;
  return text.str();
}

}  // namespace

// ---- the block's barrier ----

BarrierResult Multiprocessor::block_barrier(bool predicate, Site site) {
  Thread& self = *running_;
  // A thread that is already at the next barrier must not order one that is still at this one.
  Token& token = barrier_tokens_[barrier_generation_ % 2];
  race_.release(token);
  race_.leave_thread();

  ++counts_.barriers;
  self.site = site;
  if (first_at_barrier_ && first_at_barrier_->site.line != site.line) {
    report("divergent __syncthreads: thread ", first_at_barrier_->rank, " waits at ",
           first_at_barrier_->site, ", thread ", self.rank, " at ", site,
           "; all threads of a block must reach the same one");
  }
  if (!first_at_barrier_) first_at_barrier_ = &self;
  predicates_ += predicate;
  self.state = Thread::State::at_barrier;
  if (++arrived_ < alive_) {
    wait(Thread::State::at_barrier);
  } else {
    // The last to arrive goes on at once, unless the order is random.
    release_barrier(random_ ? nullptr : &self);
    if (random_) wait(Thread::State::ready);
  }

  race_.enter_thread(self.rank);
  race_.acquire(token);
  return self.barrier;
}

// Lets all threads at the barrier go on; `caller` is running already.
void Multiprocessor::release_barrier(const Thread* caller) {
  const BarrierResult result{predicates_, predicates_ == static_cast<int>(arrived_)};
  for (unsigned rank = 0; rank < count_; ++rank) {
    Thread& thread = threads_[rank];
    if (thread.state != Thread::State::at_barrier) continue;
    thread.barrier = result;
    thread.state = Thread::State::ready;
    if (&thread != caller) ready_.push(&thread);
  }
  arrived_ = 0;
  predicates_ = 0;
  first_at_barrier_ = nullptr;
  ++barrier_generation_;
}

// ---- warp operations ----

uint64_t Multiprocessor::warp_collective(const WarpRequest& request, Site site) {
  Thread& self = *running_;
  Warp& warp = warps_[self.rank / kWarpSize];
  const unsigned lane = self.rank % kWarpSize;
  if (!(request.mask >> lane & 1)) {
    report(name_of(request.op), " at ", site, ": the calling lane ", lane, " is not in mask ",
           hex(request.mask));
  }
  if (request.width < 1 || request.width > 32 || (request.width & (request.width - 1))) {
    report(name_of(request.op), " at ", site, ": the width ", request.width,
           " is not a power of two from 1 to 32");
  }
  Token* token = nullptr;
  if (kThreadSanitizer && request.orders) {
    Warp::Group& group = warp.groups[request.mask];
    token = &group.tokens[group.generation % 2];
    race_.release(*token);
  }
  race_.leave_thread();

  ++counts_.warp_operations;
  self.request = request;
  self.site = site;
  self.state = Thread::State::in_warp_operation;
  warp.waiting |= 1u << lane;
  if (!try_complete(warp, request.mask, &self)) wait(Thread::State::in_warp_operation);

  race_.enter_thread(self.rank);
  if (token) race_.acquire(*token);
  return self.request.value;
}

// Lets the lanes of the mask go on if all of them that still run wait in the operation.
bool Multiprocessor::try_complete(Warp& warp, unsigned mask, const Thread* caller) {
  const unsigned needed = mask & warp.present & ~warp.exited;
  if (needed == 0 || (warp.waiting & needed) != needed) return false;
  if (!lanes_agree(warp, mask, needed)) return false;

  const auto base = static_cast<unsigned>(&warp - warps_.data()) * kWarpSize;
  std::array<uint64_t, kWarpSize> results{};
  if (threads_[base + __builtin_ctz(needed)].request.together) {
    compute_together(&threads_[base], needed);
  } else {
    for (unsigned lane = 0; lane < kWarpSize; ++lane) {
      if (needed >> lane & 1) results[lane] = lane_result(threads_[base + lane], needed);
    }
  }
  if (kThreadSanitizer && threads_[base + __builtin_ctz(needed)].request.orders) {
    ++warp.groups[mask].generation;
  }
  warp.waiting &= ~needed;
  for (unsigned lane = 0; lane < kWarpSize; ++lane) {
    if (!(needed >> lane & 1)) continue;
    Thread& thread = threads_[base + lane];
    thread.request.value = results[lane];
    thread.state = Thread::State::ready;
    if (&thread != caller) ready_.push(&thread);
  }
  return true;
}

// An operation that belongs to the whole warp, such as a matrix product.
void Multiprocessor::compute_together(const Thread* lanes, unsigned present) const {
  const Thread& first = lanes[__builtin_ctz(present)];
  if (present != ~0u) {
    threadIdx = first.index;  // the report is about it
    report(name_of(first.request.op), " at ", first.site, " needs all 32 lanes of the warp, and ",
           32 - __builtin_popcount(present), " have returned or do not exist (lanes ",
           hex(~present), ")");
  }
  std::array<uint64_t, kWarpSize> values;
  for (unsigned lane = 0; lane < kWarpSize; ++lane) values[lane] = lanes[lane].request.value;
  first.request.together(values.data());
}

// False while a lane still waits with another mask; lanes that meet in different operations are
// reported. They may come from different lines: two branches may each hold a __syncwarp.
bool Multiprocessor::lanes_agree(const Warp& warp, unsigned mask, unsigned needed) const {
  const auto base = static_cast<unsigned>(&warp - warps_.data()) * kWarpSize;
  const Thread& first = threads_[base + __builtin_ctz(needed)];
  for (unsigned lanes = needed; lanes; lanes &= lanes - 1) {
    const Thread& other = threads_[base + __builtin_ctz(lanes)];
    if (other.request.mask != mask) return false;
    if (other.request.op != first.request.op) {
      threadIdx = other.index;  // the report is about it
      report("lanes of one warp meet in different operations: lane ", first.rank % kWarpSize,
             " in ", name_of(first.request.op), " at ", first.site, ", lane ",
             other.rank % kWarpSize, " in ", name_of(other.request.op), " at ", other.site);
    }
  }
  return true;
}

namespace {

// What two lanes' values of a reduction come to. They are 32-bit numbers widened to 64 bits, where
// one comparison serves signed and unsigned ones.
int64_t reduced(WarpOp op, int64_t a, int64_t b) {
  switch (op) {
    case WarpOp::reduce_min:
      return std::min(a, b);
    case WarpOp::reduce_max:
      return std::max(a, b);
    case WarpOp::reduce_and:
      return a & b;
    case WarpOp::reduce_or:
      return a | b;
    case WarpOp::reduce_xor:
      return a ^ b;
    default:
      return a + b;
  }
}

// The lane whose value a shuffle gives to `lane`.
int source_lane(const WarpRequest& request, int lane) {
  const int segment = lane / request.width * request.width, inside = lane - segment;
  switch (request.op) {
    case WarpOp::shuffle:
      return segment + (request.argument & (request.width - 1));
    case WarpOp::shuffle_up:
      return inside - request.argument >= 0 ? lane - request.argument : lane;
    case WarpOp::shuffle_down:
      return inside + request.argument < request.width ? lane + request.argument : lane;
    default: {
      // A partner in a lower segment may be read, one in a higher segment gives the own value.
      const int partner = lane ^ request.argument;
      return partner < segment + request.width ? partner : lane;
    }
  }
}

}  // namespace

// `present`: the lanes of the mask that still run; the others count for nothing.
uint64_t Multiprocessor::lane_result(const Thread& thread, unsigned present) const {
  const WarpRequest& request = thread.request;
  switch (request.op) {
    case WarpOp::sync:
      return 0;
    case WarpOp::ballot:
    case WarpOp::match_any:
    case WarpOp::match_all: {
      unsigned lanes = 0;
      for (unsigned rest = present; rest; rest &= rest - 1) {
        const int other = __builtin_ctz(rest);
        const uint64_t value = lane_of(thread, other).request.value;
        const bool counts = request.op == WarpOp::ballot ? value != 0 : value == request.value;
        if (counts) lanes |= 1u << other;
      }
      return request.op == WarpOp::match_all && lanes != present ? 0 : lanes;
    }
    case WarpOp::shuffle:
    case WarpOp::shuffle_up:
    case WarpOp::shuffle_down:
    case WarpOp::shuffle_xor: {
      const int lane = static_cast<int>(thread.rank % kWarpSize);
      const int source = source_lane(request, lane);
      if (!(present >> source & 1)) {
        threadIdx = thread.index;  // the report is about it
        report(name_of(request.op), " at ", thread.site, ": lane ", lane, " reads from lane ",
               source, ", which does not take part (mask ", hex(request.mask),
               ", running lanes of it ", hex(present), ")");
      }
      return lane_of(thread, source).request.value;
    }
    default: {
      auto result = static_cast<int64_t>(lane_of(thread, __builtin_ctz(present)).request.value);
      for (unsigned rest = present & (present - 1); rest; rest &= rest - 1) {
        const uint64_t value = lane_of(thread, __builtin_ctz(rest)).request.value;
        result = reduced(request.op, result, static_cast<int64_t>(value));
      }
      return static_cast<uint64_t>(result);
    }
  }
}

// ---- fences and shared memory ----

// CUDA's fence orders this thread's own accesses; together with an atomic, or a flag, that another
// thread reads between its own fences, that orders the two threads. The sanitizer is told that a
// fence orders its thread after all threads that passed a fence before: a little too much, so a
// race between two threads with fences in between may be missed, but no correct kernel is blamed.
void Multiprocessor::fence() {
  static Token token;
  race_.release(token);
  race_.acquire(token);
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

// Who does so many atomic operations in a row may be waiting for another thread's.
void Multiprocessor::count_atomic() {
  constexpr unsigned kPatience = 4096;
  ++counts_.atomics;
  if (++atomics_in_turn_ == kPatience) yield();
}

void* Multiprocessor::shared_address(const SharedArray& array) {
  race_.leave_thread();
  void* address = memory_.address(array);
  race_.release(shared_filled_);  // by the host, which fills the array
  race_.enter_thread(running_->rank);
  race_.acquire(shared_filled_);
  return address;
}

}  // namespace cuttle::simt
