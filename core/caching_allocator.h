// Keeps freed memory for the next tensor instead of giving it back to the system: a training step
// asks for the same sizes again and again, and cudaMalloc and page faults cost more than the
// kernels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cuda.h"

namespace cuttle {

/// Which stream's work uses memory: a cudaStream_t, or nullptr for all work of the CPU.
using StreamId = void*;
/// Memory that a graph has to itself: 0 is what everybody shares.
using PoolId = uint64_t;

/// A mark in a stream's work.
class StreamMark {
 public:
  virtual ~StreamMark() = default;
  virtual bool reached() = 0;
  virtual void wait() = 0;
};

/// Where an allocator gets its segments.
class MemorySource {
 public:
  virtual ~MemorySource() = default;
  /// nullptr when there is none left.
  virtual void* take(size_t bytes) = 0;
  virtual void give_back(void* memory) noexcept = 0;
  /// A mark behind what is queued on the stream now; nullptr where none can be set yet, because a
  /// graph is being captured.
  virtual std::unique_ptr<StreamMark> mark(StreamId) noexcept { return nullptr; }
  /// True while this thread may neither look at marks nor give memory back.
  virtual bool is_capturing() const { return false; }
  /// For messages: "cuda:0".
  virtual std::string name() const = 0;
};

/// Cuts segments of a source into blocks, best fit first, and merges neighbours that are free
/// again. Small requests share segments of 2 MiB; larger ones have segments of their own kind, so
/// that a long-lived small tensor cannot pin a large block.
///
/// A small block that is freed goes into the bin of its size first: a training step asks for the
/// same sizes again, and finds each on top of its bin. What lies in bins is merged before another
/// segment is taken.
///
/// A block belongs to the stream it was allocated for, and freed memory is handed out again at once
/// to that stream: its work runs in order, so the new owner's kernels run after the old one's. A
/// block that other streams used as well (note_use) waits for marks set in them when it was freed.
/// Another stream gets it only by way of the source.
class CachingAllocator {
 public:
  explicit CachingAllocator(std::unique_ptr<MemorySource> source) : source_(std::move(source)) {}
  /// One that is never destroyed, and usable in a child after fork() whatever other threads did.
  static CachingAllocator& make_immortal(std::unique_ptr<MemorySource> source);

  /// At least `bytes` (nullptr for 0), aligned to 512 within the segment. Throws OutOfMemoryError,
  /// after giving back what is cached did not help.
  void* allocate(size_t bytes, StreamId stream = nullptr, PoolId pool = 0);
  void free(void* memory) noexcept;
  /// Work on this stream, which need not be the block's own, uses the block from here on.
  void note_use(void* memory, StreamId stream);
  /// The pool's memory is its streams' ordinary memory from here on. What used it last runs on
  /// `last_user`.
  void release_pool(PoolId pool, StreamId last_user) noexcept;

  MemoryStats stats() const;
  void empty_cache();
  void set_limit(size_t bytes);
  void count_synchronization();

 private:
  using FreeList = std::set<std::pair<size_t, char*>>;  // by size, then address
  struct Block;
  using Blocks = std::map<char*, Block>;  // by address: neighbours stand together
  /// The free blocks of one stream and pool.
  struct Home {
    std::unordered_map<size_t, Blocks::pointer> bins;  // small ones by size, not merged yet
    FreeList small, large;
  };
  using Homes = std::map<std::pair<StreamId, PoolId>, Home>;
  struct Block {
    size_t size = 0;
    char* segment = nullptr;
    Homes::pointer home = nullptr;
    bool free = true;  // in its home's list, not in a bin
    bool small = false;
    std::vector<StreamId> users = {};           // other streams than its own
    std::pair<char* const, Block>* below = {};  // in its bin
  };
  using Segments = std::unordered_map<char*, size_t>;  // start to bytes
  /// A freed block that other streams may still use.
  struct Waiting {
    char* block = nullptr;
    std::vector<std::unique_ptr<StreamMark>> marks;  // empty until they could be set
  };

  static FreeList& free_list(const Block& block) {
    return block.small ? block.home->second.small : block.home->second.large;
  }
  /// The block of this size that was freed last; nullptr if there is none in a bin.
  static Blocks::pointer take_from_bin(Home& home, size_t size);
  void put_into_bin(Blocks::reference block);
  void empty_bins(Home& home);
  /// Out of the home's list, and cut to size.
  Blocks::reference take_best_fit(Homes::pointer home, size_t size, bool small);
  Blocks::iterator find_free(Homes::pointer home, size_t size, bool small);
  Blocks::iterator add_segment(Homes::pointer home, size_t size, bool small);
  /// Makes a block free for its home, merged with its neighbours.
  void make_free(Blocks::iterator block);
  void wait_for_users(Blocks::iterator block);
  /// Sets the marks of a waiting block if that is possible now.
  void set_marks(Waiting& waiting);
  /// Frees the waiting blocks whose marks are reached; with `wait`, all that have marks.
  void reclaim(bool wait);
  void split(Blocks::iterator block, size_t size);
  Blocks::iterator merge_with_neighbours(Blocks::iterator block);
  void release_free_segments();
  /// Gives a segment that is one free block back to the source; returns the next segment.
  Segments::iterator release(Segments::iterator segment);
  [[noreturn]] void out_of_memory(size_t bytes) const;

  mutable std::mutex mutex_;
  std::unique_ptr<MemorySource> source_;
  Homes homes_;
  Blocks blocks_;
  std::deque<Waiting> waiting_;
  Segments segments_;
  MemoryStats stats_;
  size_t limit_ = 0;
};

}  // namespace cuttle
