// The shared memory of the block that a multiprocessor runs: its static arrays and its dynamic one,
// each an exact-size piece of the heap, filled with 0xff anew for every block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../language/interpreter.h"

namespace cuttle::simt {

/// What a block of any kernel may use, and what one may use after cudaFuncSetAttribute.
inline constexpr size_t kSharedLimit = 48 << 10, kSharedOptInLimit = 227 << 10;

class BlockMemory {
 public:
  /// Starts a new block with so much dynamic shared memory, and at most `limit` bytes in all.
  void begin_block(size_t dynamic_bytes, size_t limit);
  void* address(const SharedArray& array);
  void* dynamic() const { return dynamic_.memory.get(); }
  /// Static and dynamic bytes that the block has asked for until now.
  size_t bytes_in_use() const { return bytes_in_use_; }

  /// The 32-bit address, as matrix descriptors hold it: the dynamic memory begins at 1024, static
  /// arrays follow it.
  uint32_t offset_of(const void* address) const;
  const void* at_offset(uint32_t offset, size_t bytes) const;

  // For traced builds, which know of each byte whether the block has written it.
  bool is_shared(const void* address) const { return find(address) != nullptr; }
  /// Whether any of them is: a struct that is copied whole may have bytes between its members.
  bool is_written(const void* address, size_t bytes) const;
  void mark_written(const void* address, size_t bytes);
  /// "12 of 'tile'": which byte of which array.
  std::string describe(const void* address) const;
  /// "byte 12 of 'tile', 256 bytes of shared memory", also for an address a little before or behind
  /// an array; empty for any other.
  std::string describe_near(const void* address) const;

 private:
  struct Free {
    void operator()(void* memory) const;
  };
  using Memory = std::unique_ptr<void, Free>;
  struct Slot {
    Memory memory;
    uint64_t block = 0;  // the block that it was last filled for
    const char* name = nullptr;
    size_t bytes = 0;
    uint32_t offset = 0;             // its 32-bit address
    std::vector<bool> written = {};  // by byte; in traced builds alone
  };
  // Some bytes of a slot, from `first` up to `last`.
  struct Range {
    Slot* slot;
    std::ptrdiff_t first, last;
  };
  const Slot* find(const void* address) const;
  Range range_of(const void* address, size_t bytes) const;
  void place(Slot& slot, uint32_t alignment);
  void fill(Slot& slot);
  static Memory allocate(size_t bytes, size_t alignment);

  std::vector<Slot> slots_;  // by SharedArray::slot
  Slot dynamic_;
  size_t bytes_in_use_ = 0, limit_ = 0;
  uint32_t next_offset_ = 0;
  uint64_t block_ = 0;
};

}  // namespace cuttle::simt
