// The functions that an instrumented kernel calls: the compiler inserts them for -fsanitize=thread
// (loads, stores, atomics) and -fsanitize-coverage=trace-pc (basic blocks). Linked in place of the
// thread sanitizer, they hand everything that a CUDA thread does to the trace and ignore the host's
// doings.
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "race_detector.h"
#include "trace.h"

using cuttle::simt::Trace;
using Kind = cuttle::simt::Trace::Kind;

namespace {

// The trace may itself call code that is instrumented (the linker keeps one copy of each template).
template <class Record>
void as_host(Record record) {
  bool& in_thread = cuttle::simt::RaceDetector::in_thread;
  if (!in_thread) return;
  in_thread = false;
  record();
  in_thread = true;
}

void note(const void* address, size_t bytes, Kind kind, const void* place) {
  as_host([&] { Trace::instance().access(address, bytes, kind, place); });
}

}  // namespace

#define CUTTLE_PLACE __builtin_return_address(0)
#define CUTTLE_TRACE_SIZE(n)                \
  void __tsan_read##n(void* p) {            \
    note(p, n, Kind::load, CUTTLE_PLACE);   \
  }                                         \
  void __tsan_write##n(void* p) {           \
    note(p, n, Kind::store, CUTTLE_PLACE);  \
  }                                         \
  void __tsan_unaligned_read##n(void* p) {  \
    note(p, n, Kind::load, CUTTLE_PLACE);   \
  }                                         \
  void __tsan_unaligned_write##n(void* p) { \
    note(p, n, Kind::store, CUTTLE_PLACE);  \
  }                                         \
  void __tsan_volatile_read##n(void* p) {   \
    note(p, n, Kind::load, CUTTLE_PLACE);   \
  }                                         \
  void __tsan_volatile_write##n(void* p) {  \
    note(p, n, Kind::store, CUTTLE_PLACE);  \
  }

// An atomic operation: noted, then done by the compiler's own.
#define CUTTLE_TRACE_RMW(n, T, name)                                \
  T __tsan_atomic##n##_##name(volatile T* p, T v, int) {            \
    note(const_cast<T*>(p), sizeof(T), Kind::atomic, CUTTLE_PLACE); \
    return __atomic_##name(p, v, __ATOMIC_SEQ_CST);                 \
  }
#define CUTTLE_TRACE_ATOMIC(n, T)                                                           \
  T __tsan_atomic##n##_load(const volatile T* p, int) {                                     \
    note(const_cast<T*>(p), sizeof(T), Kind::atomic, CUTTLE_PLACE);                         \
    return __atomic_load_n(p, __ATOMIC_SEQ_CST);                                            \
  }                                                                                         \
  void __tsan_atomic##n##_store(volatile T* p, T v, int) {                                  \
    note(const_cast<T*>(p), sizeof(T), Kind::store, CUTTLE_PLACE);                          \
    __atomic_store_n(p, v, __ATOMIC_SEQ_CST);                                               \
  }                                                                                         \
  T __tsan_atomic##n##_exchange(volatile T* p, T v, int) {                                  \
    note(const_cast<T*>(p), sizeof(T), Kind::atomic, CUTTLE_PLACE);                         \
    return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);                                     \
  }                                                                                         \
  int __tsan_atomic##n##_compare_exchange_strong(volatile T* p, T* c, T v, int, int) {      \
    note(const_cast<T*>(p), sizeof(T), Kind::atomic, CUTTLE_PLACE);                         \
    return __atomic_compare_exchange_n(p, c, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
  }                                                                                         \
  int __tsan_atomic##n##_compare_exchange_weak(volatile T* p, T* c, T v, int, int) {        \
    note(const_cast<T*>(p), sizeof(T), Kind::atomic, CUTTLE_PLACE);                         \
    return __atomic_compare_exchange_n(p, c, v, true, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);  \
  }                                                                                         \
  CUTTLE_TRACE_RMW(n, T, fetch_add)                                                         \
  CUTTLE_TRACE_RMW(n, T, fetch_sub)                                                         \
  CUTTLE_TRACE_RMW(n, T, fetch_and)                                                         \
  CUTTLE_TRACE_RMW(n, T, fetch_or)                                                          \
  CUTTLE_TRACE_RMW(n, T, fetch_xor)

extern "C" {

CUTTLE_TRACE_SIZE(1)
CUTTLE_TRACE_SIZE(2)
CUTTLE_TRACE_SIZE(4)
CUTTLE_TRACE_SIZE(8)
CUTTLE_TRACE_SIZE(16)
CUTTLE_TRACE_ATOMIC(8, uint8_t)
CUTTLE_TRACE_ATOMIC(16, uint16_t)
CUTTLE_TRACE_ATOMIC(32, uint32_t)
CUTTLE_TRACE_ATOMIC(64, uint64_t)

void __tsan_read_range(void* p, size_t bytes) {
  note(p, bytes, Kind::load, CUTTLE_PLACE);
}
void __tsan_write_range(void* p, size_t bytes) {
  note(p, bytes, Kind::store, CUTTLE_PLACE);
}
void __tsan_atomic_thread_fence(int) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
}
void __tsan_atomic_signal_fence(int) {}
void __tsan_vptr_read(void*) {}
void __tsan_vptr_update(void*, void*) {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_init() {}

void __sanitizer_cov_trace_pc() {
  const void* place = CUTTLE_PLACE;
  as_host([&] { Trace::instance().basic_block(place); });
}

}  // extern "C"
