// Asynchronous copies from global to shared memory, cp.async on a GPU. The bytes move at the wait
// and no sooner, so that a kernel that forgets to wait reads what was there before.
#pragma once

#include <cstdint>
#include <cstring>

#include "interpreter.h"

namespace cuttle::simt {

struct AsyncCopy {
  void* to;
  const void* from;  // nullptr: zeros
  int bytes;         // 4, 8 or 16
};

/// The running thread's copies: the interpreter keeps them, the thread itself moves the bytes, so
/// that sanitizers see whose accesses they are.
void queue_copy(const AsyncCopy& copy, Site site);
void commit_copies();
/// The next copy that is due when at most `groups_left` groups may stay; false if there is none.
bool take_copy(unsigned groups_left, AsyncCopy& copy);
/// Ends the program: an address is not a multiple of the copy's size.
[[noreturn]] void report_misaligned_copy(const AsyncCopy& copy, Site site);

template <int Bytes>
void copy_async(void* to, const void* from, bool inside, Site site) {
  static_assert(Bytes == 4 || Bytes == 8 || Bytes == 16, "cp.async moves 4, 8 or 16 bytes");
  const AsyncCopy copy{to, inside ? from : nullptr, Bytes};
  const auto is_aligned = [](const void* pointer) {
    return reinterpret_cast<uintptr_t>(pointer) % Bytes == 0;
  };
  if (!is_aligned(to) || !is_aligned(copy.from)) report_misaligned_copy(copy, site);
  queue_copy(copy, site);
}

inline void wait_for_copies(unsigned groups_left) {
  struct alignas(16) Sixteen {
    uint64_t low, high;
  };
  const auto move = [](const AsyncCopy& copy, auto zero) {
    using Unit = decltype(zero);
    *static_cast<Unit*>(copy.to) = copy.from ? *static_cast<const Unit*>(copy.from) : zero;
  };
  AsyncCopy copy;
  while (take_copy(groups_left, copy)) {
    if (copy.bytes == 4) move(copy, uint32_t{0});
    if (copy.bytes == 8) move(copy, uint64_t{0});
    if (copy.bytes == 16) move(copy, Sixteen{});
  }
}

}  // namespace cuttle::simt
