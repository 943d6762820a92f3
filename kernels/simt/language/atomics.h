// CUDA's atomic operations on global and shared memory. They are relaxed, as CUDA's are: they make
// one word consistent and order nothing else. Each returns the old value.
#pragma once

#include <atomic>
#include <type_traits>

#include "interpreter.h"

namespace cuttle::simt {

/// Counts an atomic operation for the launch's counters.
void count_atomic() noexcept;

/// Replaces *address by f(*address) in one indivisible step.
template <class T, class F>
T atomic_update(T* address, F f) {
  count_atomic();
  std::atomic_ref<T> word(*address);
  T old = word.load(std::memory_order_relaxed);
  while (!word.compare_exchange_weak(old, f(old), std::memory_order_relaxed)) {
  }
  return old;
}

/// a + b and a - b; integers wrap around.
template <class T>
T wrapping_sum(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    using U = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<U>(a) + static_cast<U>(b));
  } else {
    return a + b;
  }
}
template <class T>
T wrapping_difference(T a, T b) {
  using U = std::make_unsigned_t<T>;
  return static_cast<T>(static_cast<U>(a) - static_cast<U>(b));
}

template <class T>
concept Number = std::is_arithmetic_v<T>;
template <class T>
concept Integer = std::is_integral_v<T>;

}  // namespace cuttle::simt

template <cuttle::simt::Number T>
T atomicAdd(T* address, std::type_identity_t<T> value) {
  return cuttle::simt::atomic_update(
      address, [=](T old) { return cuttle::simt::wrapping_sum<T>(old, value); });
}
template <cuttle::simt::Integer T>
T atomicSub(T* address, std::type_identity_t<T> value) {
  return cuttle::simt::atomic_update(
      address, [=](T old) { return cuttle::simt::wrapping_difference<T>(old, value); });
}
template <cuttle::simt::Integer T>
T atomicMin(T* address, std::type_identity_t<T> value) {
  return cuttle::simt::atomic_update(address, [=](T old) { return value < old ? value : old; });
}
template <cuttle::simt::Integer T>
T atomicMax(T* address, std::type_identity_t<T> value) {
  return cuttle::simt::atomic_update(address, [=](T old) { return old < value ? value : old; });
}
template <cuttle::simt::Integer T>
T atomicAnd(T* address, std::type_identity_t<T> value) {
  return cuttle::simt::atomic_update(address, [=](T old) { return static_cast<T>(old & value); });
}
template <cuttle::simt::Integer T>
T atomicOr(T* address, std::type_identity_t<T> value) {
  return cuttle::simt::atomic_update(address, [=](T old) { return static_cast<T>(old | value); });
}
template <cuttle::simt::Integer T>
T atomicXor(T* address, std::type_identity_t<T> value) {
  return cuttle::simt::atomic_update(address, [=](T old) { return static_cast<T>(old ^ value); });
}

/// Counts up to `limit`, then starts again at 0.
inline unsigned atomicInc(unsigned* address, unsigned limit) {
  return cuttle::simt::atomic_update(address,
                                     [=](unsigned old) { return old >= limit ? 0 : old + 1; });
}
/// Counts down to 0, then starts again at `limit`.
inline unsigned atomicDec(unsigned* address, unsigned limit) {
  return cuttle::simt::atomic_update(
      address, [=](unsigned old) { return old == 0 || old > limit ? limit : old - 1; });
}

template <cuttle::simt::Number T>
T atomicExch(T* address, std::type_identity_t<T> value) {
  return cuttle::simt::atomic_update(address, [=](T) { return value; });
}

/// Writes `value` if the word holds `expected`.
template <cuttle::simt::Integer T>
T atomicCAS(T* address, std::type_identity_t<T> expected, std::type_identity_t<T> value) {
  cuttle::simt::count_atomic();
  T old = expected;
  std::atomic_ref<T>(*address).compare_exchange_strong(old, value, std::memory_order_relaxed);
  return old;
}
