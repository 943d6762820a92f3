// Allocation, bookkeeping and, for the address sanitizer, the door between host and device memory.
#include "device_memory.h"

#include <link.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "../findings/sanitizers.h"
#include "../options.h"
#include "driver.h"

namespace cuttle::simt {

namespace {

constexpr size_t kMostGuarded = 512;

uintptr_t hide(const void* address) {
  return ~reinterpret_cast<uintptr_t>(address);
}

void* heap(size_t bytes, size_t alignment) {
  void* memory = nullptr;
  return posix_memalign(&memory, alignment, bytes) == 0 ? memory : nullptr;
}

}  // namespace

bool is_static_data(const void* address) {
  const auto contains = [](dl_phdr_info* object, size_t, void* data) {
    const auto wanted = reinterpret_cast<uintptr_t>(data);
    for (int i = 0; i < object->dlpi_phnum; ++i) {
      const ElfW(Phdr)& segment = object->dlpi_phdr[i];
      const uintptr_t start = object->dlpi_addr + segment.p_vaddr;
      if (segment.p_type == PT_LOAD && wanted >= start && wanted < start + segment.p_memsz)
        return 1;
    }
    return 0;
  };
  return dl_iterate_phdr(contains, const_cast<void*>(address)) != 0;
}

DeviceMemory& DeviceMemory::instance() {
  static DeviceMemory& memory = *new DeviceMemory;  // never destroyed, see Driver
  return memory;
}

void DeviceMemory::add(void* memory, size_t bytes, Allocation::Kind kind, int device) {
  allocations_[hide(memory)] = {hide(memory), bytes, kind, device};
}

void* DeviceMemory::allocate(int device, size_t bytes) {
  if (bytes > available(device)) Driver::instance().finish_device(device);
  if (bytes > available(device)) return nullptr;
  void* memory = heap(bytes, 256);
  if (!memory) return nullptr;
  std::memset(memory, 0xff, bytes);  // NaN: what nobody wrote shows
  add(memory, bytes, Allocation::Kind::device, device);
  guard(allocations_.at(hide(memory)));
  in_use_[device] += bytes;
  return memory;
}

void DeviceMemory::guard(const Allocation& allocation) {
  if (!kAddressSanitizer) return;
  if (guarded_.size() == kMostGuarded) {
    unpoison(guarded_.front().start(), guarded_.front().bytes);
    guarded_.pop_front();
  }
  guarded_.push_back(allocation);
  poison(allocation.start(), allocation.bytes);
}

void* DeviceMemory::allocate_pinned(int device, size_t bytes) {
  void* memory = heap(bytes, 4096);
  if (memory) add(memory, bytes, Allocation::Kind::pinned, device);
  return memory;
}

void DeviceMemory::register_host(int device, void* memory, size_t bytes) {
  add(memory, bytes, Allocation::Kind::registered, device);
}

bool DeviceMemory::free(void* memory, Allocation::Kind kind) {
  const auto entry = allocations_.find(hide(memory));
  if (entry == allocations_.end() || entry->second.kind != kind) return false;
  const Allocation allocation = entry->second;
  allocations_.erase(entry);
  if (kind == Allocation::Kind::device) {
    in_use_[allocation.device] -= allocation.bytes;
    unpoison(memory, allocation.bytes);
    const auto guarded = std::find_if(guarded_.begin(), guarded_.end(), [&](const Allocation& a) {
      return a.hidden_start == allocation.hidden_start;
    });
    if (guarded != guarded_.end()) guarded_.erase(guarded);
  }
  if (kind != Allocation::Kind::registered) std::free(memory);
  return true;
}

const Allocation* DeviceMemory::find(const void* address) const {
  // Complements sort the other way round: the first that is not less starts at or before the
  // address.
  const auto entry = allocations_.lower_bound(hide(address));
  if (entry == allocations_.end()) return nullptr;
  const Allocation& allocation = entry->second;
  const auto offset = static_cast<size_t>(static_cast<const char*>(address) - allocation.start());
  return offset < allocation.bytes ? &allocation : nullptr;
}

size_t DeviceMemory::in_use(int device) const {
  const auto entry = in_use_.find(device);
  return entry == in_use_.end() ? 0 : entry->second;
}

size_t DeviceMemory::available(int device) const {
  const size_t used = in_use(device);
  return used < options().memory ? options().memory - used : 0;
}

void DeviceMemory::open() const {
  for (const Allocation& a : guarded_) unpoison(a.start(), a.bytes);
}

void DeviceMemory::close() const {
  for (const Allocation& a : guarded_) poison(a.start(), a.bytes);
}

}  // namespace cuttle::simt
