// Device and page-locked memory of the interpreter: pieces of the host's heap, each exactly as long
// as asked for, that know their device. In the address sanitizer's build device memory is forbidden
// ground for host code: it is opened only while device work runs. That costs time for each piece,
// so it holds for the youngest 512; older ones stay open.
#pragma once

#include <cstdint>
#include <deque>
#include <map>

#include "../language/runtime_headers.h"

namespace cuttle::simt {

struct Allocation {
  enum class Kind { device, pinned, registered };  // registered: the user's own memory, page-locked
  uintptr_t hidden_start = 0;  // the complement of its address, see DeviceMemory
  size_t bytes = 0;
  Kind kind = Kind::device;
  int device = 0;

  char* start() const { return reinterpret_cast<char*>(~hidden_start); }
};

/// Whether the address lies in the program's own segments, as constants and __device__ variables
/// do.
bool is_static_data(const void* address);

/// All allocations. To be used with the driver's lock held.
class DeviceMemory {
 public:
  static DeviceMemory& instance();

  /// nullptr when the device has not so much left, even after its queued work, which may free some.
  /// `bytes` > 0.
  void* allocate(int device, size_t bytes);
  void* allocate_pinned(int device, size_t bytes);
  void register_host(int device, void* memory, size_t bytes);
  /// False if `memory` is not the start of an allocation of this kind.
  bool free(void* memory, Allocation::Kind kind);

  /// The allocation that holds the address, or nullptr.
  const Allocation* find(const void* address) const;
  size_t in_use(int device) const;
  size_t available(int device) const;

  void open() const;   // to the kernels and copies that are about to run
  void close() const;  // to the host

 private:
  void add(void* memory, size_t bytes, Allocation::Kind kind, int device);
  void guard(const Allocation& allocation);

  // By the complement of the start address: so the leak detector does not take this table for a
  // user of the memory, and tells what the program forgot to free.
  std::map<uintptr_t, Allocation> allocations_;
  std::map<int, size_t> in_use_;
  std::deque<Allocation> guarded_;  // what the host may not touch, oldest first
};

/// While one lives, device memory is open.
class DeviceAccess {
 public:
  DeviceAccess() { DeviceMemory::instance().open(); }
  ~DeviceAccess() { DeviceMemory::instance().close(); }
  DeviceAccess(const DeviceAccess&) = delete;
  DeviceAccess& operator=(const DeviceAccess&) = delete;
};

}  // namespace cuttle::simt
