// Makes and fills the memory behind CUTTLE_SHARED and CUTTLE_DYNAMIC_SHARED.
#include "block_memory.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>

#include "../findings/report.h"
#include "../findings/sanitizers.h"

namespace cuttle::simt {

namespace {

// Arrays are numbered in the order in which kernels first use them.
int slot_of(const SharedArray& array) {
  static std::atomic<int> next{0};
  const std::atomic_ref<int> slot(array.slot);
  int number = slot.load(std::memory_order_acquire);
  if (number >= 0) return number;
  const int mine = next.fetch_add(1);
  number = -1;
  return slot.compare_exchange_strong(number, mine) ? mine : number;
}

}  // namespace

void BlockMemory::Free::operator()(void* memory) const {
  std::free(memory);
}

BlockMemory::Memory BlockMemory::allocate(size_t bytes, size_t alignment) {
  // The size need not be a multiple of the alignment, so that the first byte past the array is
  // already the address sanitizer's red zone.
  void* memory = nullptr;
  if (posix_memalign(&memory, alignment, bytes)) report("no memory for a shared array");
  return Memory(memory);
}

void BlockMemory::fill(Slot& slot) {
  slot.block = block_;
  std::memset(slot.memory.get(), 0xff, slot.bytes);
  if (kTrace) slot.written.assign(slot.bytes, false);
}

void BlockMemory::place(Slot& slot, uint32_t alignment) {
  slot.offset = (next_offset_ + alignment - 1) / alignment * alignment;
  next_offset_ = slot.offset + static_cast<uint32_t>(slot.bytes);
}

void BlockMemory::begin_block(size_t dynamic_bytes, size_t limit) {
  ++block_;
  limit_ = limit;
  if (dynamic_bytes != dynamic_.bytes) {
    dynamic_.memory = dynamic_bytes ? allocate(dynamic_bytes, 128) : nullptr;
    dynamic_.bytes = dynamic_bytes;
    dynamic_.name = "dynamic shared memory";
  }
  if (dynamic_bytes) fill(dynamic_);
  next_offset_ = 1024;  // what lies below belongs to the system
  place(dynamic_, 1024);
  bytes_in_use_ = dynamic_bytes;
}

void* BlockMemory::address(const SharedArray& array) {
  const auto index = static_cast<size_t>(slot_of(array));
  if (index >= slots_.size()) slots_.resize(index + 1);
  Slot& slot = slots_[index];
  if (slot.block == block_) return slot.memory.get();
  if (!slot.memory) {
    slot.memory = allocate(array.bytes, array.alignment);
    slot.bytes = array.bytes;
    slot.name = array.name;
  }
  fill(slot);
  place(slot, static_cast<uint32_t>(array.alignment));
  bytes_in_use_ += array.bytes;
  if (bytes_in_use_ > limit_ || bytes_in_use_ - dynamic_.bytes > kSharedLimit) {
    report("the block uses ", bytes_in_use_, " bytes of shared memory with the array '", array.name,
           "'; it may use ", limit_, ", ", kSharedLimit, " of them in static arrays",
           limit_ < kSharedOptInLimit ? " (cudaFuncSetAttribute allows a kernel more)" : "");
  }
  return slot.memory.get();
}

const BlockMemory::Slot* BlockMemory::find(const void* address) const {
  const char* byte = static_cast<const char*>(address);
  const auto holds = [&](const Slot& slot) {
    const char* start = static_cast<const char*>(slot.memory.get());
    return start && slot.block == block_ && byte >= start && byte < start + slot.bytes;
  };
  if (holds(dynamic_)) return &dynamic_;
  const auto slot = std::find_if(slots_.begin(), slots_.end(), holds);
  return slot == slots_.end() ? nullptr : &*slot;
}

uint32_t BlockMemory::offset_of(const void* address) const {
  const Slot* slot = find(address);
  if (!slot) report("the address ", address, " is not one of the block's shared memory");
  return slot->offset + static_cast<uint32_t>(static_cast<const char*>(address) -
                                              static_cast<const char*>(slot->memory.get()));
}

const void* BlockMemory::at_offset(uint32_t offset, size_t bytes) const {
  const auto inside = [&](const Slot& slot) -> const char* {
    const bool is_in_use = slot.memory && slot.block == block_;
    if (!is_in_use || offset < slot.offset || offset + bytes > slot.offset + slot.bytes) {
      return nullptr;
    }
    return static_cast<const char*>(slot.memory.get()) + (offset - slot.offset);
  };
  const char* found = inside(dynamic_);
  for (size_t i = 0; i < slots_.size() && !found; ++i) found = inside(slots_[i]);
  if (!found) {
    report("a matrix descriptor reaches ", bytes, " bytes at the shared address ", offset,
           ", which are in none of the block's arrays");
  }
  return found;
}

BlockMemory::Range BlockMemory::range_of(const void* address, size_t bytes) const {
  auto* slot = const_cast<Slot*>(find(address));
  const auto first = static_cast<const char*>(address) - static_cast<char*>(slot->memory.get());
  const auto last = first + static_cast<std::ptrdiff_t>(bytes);
  if (last > static_cast<std::ptrdiff_t>(slot->bytes)) {
    report(bytes, " bytes at byte ", describe(address), " go past its end");
  }
  return {slot, first, last};
}

bool BlockMemory::is_written(const void* address, size_t bytes) const {
  const Range range = range_of(address, bytes);
  const auto begin = range.slot->written.begin();
  return std::any_of(begin + range.first, begin + range.last, [](bool w) { return w; });
}

void BlockMemory::mark_written(const void* address, size_t bytes) {
  const Range range = range_of(address, bytes);
  const auto begin = range.slot->written.begin();
  std::fill(begin + range.first, begin + range.last, true);
}

std::string BlockMemory::describe(const void* address) const {
  const Slot& slot = *find(address);
  const auto first = static_cast<const char*>(address) - static_cast<char*>(slot.memory.get());
  return std::to_string(first) + " of '" + slot.name + "'";
}

std::string BlockMemory::describe_near(const void* address) const {
  constexpr std::ptrdiff_t kNear = 64;  // no array of another owner is nearer
  const auto describe_if_near = [&](const Slot& slot) -> std::string {
    if (!slot.memory || slot.block != block_) return "";
    const auto byte = static_cast<const char*>(address) - static_cast<char*>(slot.memory.get());
    if (byte < -kNear || byte >= static_cast<std::ptrdiff_t>(slot.bytes) + kNear) return "";
    return "byte " + std::to_string(byte) + " of '" + slot.name + "', " +
           std::to_string(slot.bytes) + " bytes of shared memory";
  };
  if (find(address)) return describe_if_near(*find(address));
  std::string found = describe_if_near(dynamic_);
  for (size_t i = 0; i < slots_.size() && found.empty(); ++i) found = describe_if_near(slots_[i]);
  return found;
}

}  // namespace cuttle::simt
