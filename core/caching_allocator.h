// Keeps freed memory for the next tensor instead of giving it back to the system: a training step
// asks for the same sizes again and again, and cudaMalloc and page faults cost more than the
// kernels.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "cuda.h"

namespace cuttle {

/// Where an allocator gets its segments.
class MemorySource {
 public:
  virtual ~MemorySource() = default;
  /// nullptr when there is none left.
  virtual void* take(size_t bytes) = 0;
  virtual void give_back(void* memory) noexcept = 0;
  /// For messages: "cuda:0".
  virtual std::string name() const = 0;
};

/// Cuts segments of a source into blocks, best fit first, and merges neighbours that are free
/// again. Small requests share segments of 2 MiB; larger ones have segments of their own kind, so
/// that a long-lived small tensor cannot pin a large block. Freed memory may be handed out again at
/// once: all work of a device is queued on one stream, so the new owner's kernels run after the old
/// one's.
class CachingAllocator {
 public:
  explicit CachingAllocator(std::unique_ptr<MemorySource> source) : source_(std::move(source)) {}
  /// One that is never destroyed, and usable in a child after fork() whatever other threads did.
  static CachingAllocator& make_immortal(std::unique_ptr<MemorySource> source);

  /// At least `bytes` (nullptr for 0), aligned to 512 within the segment. Throws OutOfMemoryError,
  /// after giving back what is cached did not help.
  void* allocate(size_t bytes);
  void free(void* memory) noexcept;

  MemoryStats stats() const;
  void empty_cache();
  void set_limit(size_t bytes);
  void count_synchronization();

 private:
  struct Block {
    size_t size = 0;
    char* segment = nullptr;
    bool free = true;
    bool small = false;
  };
  using Blocks = std::map<char*, Block>;                // by address: neighbours stand together
  using Segments = std::unordered_map<char*, size_t>;   // start to bytes
  using FreeList = std::set<std::pair<size_t, char*>>;  // by size, then address

  FreeList& free_list(bool small) { return small ? free_small_ : free_large_; }
  Blocks::iterator find_free(size_t size, bool small);
  Blocks::iterator add_segment(size_t size, bool small);
  void split(Blocks::iterator block, size_t size);
  Blocks::iterator merge_with_neighbours(Blocks::iterator block);
  void release_free_segments();
  /// Gives a segment that is one free block back to the source; returns the next segment.
  Segments::iterator release(Segments::iterator segment);
  [[noreturn]] void out_of_memory(size_t bytes) const;

  mutable std::mutex mutex_;
  std::unique_ptr<MemorySource> source_;
  Blocks blocks_;
  FreeList free_small_, free_large_;
  Segments segments_;
  MemoryStats stats_;
  size_t limit_ = 0;
};

}  // namespace cuttle
