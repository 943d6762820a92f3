// The shared memory of the block that a multiprocessor runs: its static arrays and its dynamic one,
// each an exact-size piece of the heap, filled with 0xff anew for every block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "interpreter.h"

namespace cuttle::simt {

/// What a block of any kernel may use, and what one may use after cudaFuncSetAttribute.
inline constexpr size_t kSharedLimit = 48 << 10, kSharedOptInLimit = 227 << 10;

class BlockMemory {
 public:
  /// Starts a new block with so much dynamic shared memory.
  void begin_block(size_t dynamic_bytes);
  void* address(const SharedArray& array);
  void* dynamic() const { return dynamic_.get(); }
  /// Static and dynamic bytes that the block has asked for until now.
  size_t bytes_in_use() const { return bytes_in_use_; }

 private:
  struct Free {
    void operator()(void* memory) const;
  };
  using Memory = std::unique_ptr<void, Free>;
  struct Slot {
    Memory memory;
    uint64_t block = 0;  // the block that it was last filled for
  };
  static Memory allocate(size_t bytes, size_t alignment);

  std::vector<Slot> slots_;  // by SharedArray::slot
  Memory dynamic_;
  size_t dynamic_bytes_ = 0;
  size_t bytes_in_use_ = 0;
  uint64_t block_ = 0;
};

}  // namespace cuttle::simt
