// A fiber: a stack and the place where its code stopped. Switching costs little more than a call,
// so a block of a thousand CUDA threads can live on one thread of the operating system.
#pragma once

#include <cstddef>

namespace cuttle::simt {

class Fiber {
 public:
  /// The calling OS thread itself, on its own stack.
  static Fiber& host();
  /// A new stack on which `entry`, which must never return, will run at the first switch.
  explicit Fiber(void (*entry)());
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Stops `from`, which is running, and goes on where `to` stopped.
  static void switch_between(Fiber& from, Fiber& to);
  /// Must be the first call on a new stack.
  static void enter();

  /// True for an address on this stack.
  bool holds(const void* address) const;
  /// True for an address up to 1 MiB below this stack: it overflowed.
  bool is_below(const void* address) const;

 private:
  Fiber();

  void* stopped_at_ = nullptr;  // the stack pointer, or the ucontext_t in the portable version
  char* stack_ = nullptr;
  size_t stack_bytes_ = 0;
  void* fake_stack_ = nullptr;  // the address sanitizer's
  bool owns_stack_ = false;
};

}  // namespace cuttle::simt
