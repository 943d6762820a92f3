// Makes and fills the memory behind CUTTLE_SHARED and CUTTLE_DYNAMIC_SHARED.
#include "block_memory.h"

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "report.h"

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

void BlockMemory::begin_block(size_t dynamic_bytes) {
  ++block_;
  if (dynamic_bytes != dynamic_bytes_) {
    dynamic_ = dynamic_bytes ? allocate(dynamic_bytes, 128) : nullptr;
    dynamic_bytes_ = dynamic_bytes;
  }
  if (dynamic_bytes) std::memset(dynamic_.get(), 0xff, dynamic_bytes);
  bytes_in_use_ = dynamic_bytes;
}

void* BlockMemory::address(const SharedArray& array) {
  const auto index = static_cast<size_t>(slot_of(array));
  if (index >= slots_.size()) slots_.resize(index + 1);
  Slot& slot = slots_[index];
  if (slot.block == block_) return slot.memory.get();
  if (!slot.memory) slot.memory = allocate(array.bytes, array.alignment);
  slot.block = block_;
  std::memset(slot.memory.get(), 0xff, array.bytes);
  bytes_in_use_ += array.bytes;
  if (bytes_in_use_ > kSharedOptInLimit) {
    report("the block uses ", bytes_in_use_, " bytes of shared memory with the array '", array.name,
           "'; a block has at most ", kSharedOptInLimit);
  }
  return slot.memory.get();
}

}  // namespace cuttle::simt
