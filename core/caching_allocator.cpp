#include "caching_allocator.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "../kernels/error.h"
#include "../kernels/fork.h"

namespace cuttle {
namespace {

constexpr size_t kKiB = 1024, kMiB = 1024 * kKiB;
constexpr size_t kAlignment = 512;    // CUDA's own; also keeps CPU rows on cache lines
constexpr size_t kSmallLimit = kMiB;  // larger requests do not share small segments
constexpr size_t kSmallSegment = 2 * kMiB;
constexpr size_t kMediumLimit = 10 * kMiB;  // up to here requests share segments of kMediumSegment
constexpr size_t kMediumSegment = 20 * kMiB;

// A sanitizer watches the bounds of real allocations, so its builds make one for each tensor.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kCaching = false;
#else
constexpr bool kCaching = true;
#endif

constexpr size_t round_up(size_t value, size_t to) {
  return (value + to - 1) / to * to;
}

size_t segment_size(size_t bytes, bool small) {
  if (!kCaching) return bytes;
  if (small) return kSmallSegment;
  return bytes <= kMediumLimit ? kMediumSegment : round_up(bytes, 2 * kMiB);
}

std::string in_units(size_t bytes) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1);
  if (bytes >= 1024 * kMiB)
    text << static_cast<double>(bytes) / (1024.0 * kMiB) << " GiB";
  else if (bytes >= kMiB)
    text << static_cast<double>(bytes) / kMiB << " MiB";
  else
    text << static_cast<double>(bytes) / kKiB << " KiB";
  return text.str();
}

}  // namespace

CachingAllocator& CachingAllocator::make_immortal(std::unique_ptr<MemorySource> source) {
  CachingAllocator& made = *std::make_unique<CachingAllocator>(std::move(source)).release();
  kernels::hold_at_fork(made.mutex_, kernels::LockLevel::inner);
  return made;
}

void* CachingAllocator::allocate(size_t bytes, StreamId stream, PoolId pool) {
  if (bytes == 0) return nullptr;
  const std::lock_guard lock(mutex_);
  if (bytes > SIZE_MAX / 2) out_of_memory(bytes);
  const size_t size = kCaching ? round_up(bytes, kAlignment) : bytes;
  const bool small = size <= kSmallLimit;
  if (!waiting_.empty()) reclaim(false);
  const Homes::pointer home = &*homes_.try_emplace({stream, pool}).first;
  Blocks::pointer block = small ? take_from_bin(home->second, size) : nullptr;
  if (block == nullptr) block = &take_best_fit(home, size, small);
  ++stats_.allocations;
  stats_.allocated_bytes += block->second.size;
  stats_.peak_allocated_bytes = std::max(stats_.peak_allocated_bytes, stats_.allocated_bytes);
  return block->first;
}

void CachingAllocator::free(void* memory) noexcept {
  if (memory == nullptr) return;
  const std::lock_guard lock(mutex_);
  const auto block = blocks_.find(static_cast<char*>(memory));
  stats_.allocated_bytes -= block->second.size;
  if (!block->second.users.empty())
    wait_for_users(block);
  else if (kCaching && block->second.small)
    put_into_bin(*block);
  else
    make_free(block);
}

CachingAllocator::Blocks::pointer CachingAllocator::take_from_bin(Home& home, size_t size) {
  const auto bin = home.bins.find(size);
  if (bin == home.bins.end() || bin->second == nullptr) return nullptr;
  return std::exchange(bin->second, bin->second->second.below);
}

void CachingAllocator::put_into_bin(Blocks::reference block) {
  Blocks::pointer& top = block.second.home->second.bins[block.second.size];
  block.second.below = std::exchange(top, &block);
}

void CachingAllocator::empty_bins(Home& home) {
  for (auto& [size, top] : std::exchange(home.bins, {}))
    while (top != nullptr) {
      const Blocks::pointer block = std::exchange(top, top->second.below);
      make_free(blocks_.find(block->first));
    }
}

CachingAllocator::Blocks::reference CachingAllocator::take_best_fit(Homes::pointer home,
                                                                    size_t size, bool small) {
  auto block = find_free(home, size, small);
  if (block == blocks_.end() && small) {
    empty_bins(home->second);
    block = find_free(home, size, small);
  }
  if (block == blocks_.end()) block = add_segment(home, size, small);
  free_list(block->second).erase({block->second.size, block->first});
  block->second.free = false;
  if (kCaching) split(block, size);
  return *block;
}

void CachingAllocator::make_free(Blocks::iterator block) {
  block->second.free = true;
  block->second.users.clear();
  block = merge_with_neighbours(block);
  free_list(block->second).insert({block->second.size, block->first});
  // A pool's memory stays as it is: kernels of a graph use it, whether a tensor holds it or not.
  if (!kCaching && block->second.home->first.second == 0)
    release(segments_.find(block->second.segment));
}

void CachingAllocator::release_pool(PoolId pool, StreamId last_user) noexcept {
  const std::lock_guard lock(mutex_);
  for (auto& [name, home] : homes_)
    if (name.second == pool) empty_bins(home);
  std::vector<Blocks::iterator> were_free;
  for (auto entry = blocks_.begin(); entry != blocks_.end(); ++entry) {
    Block& block = entry->second;
    const auto [stream, its_pool] = block.home->first;
    if (its_pool != pool) continue;
    if (block.free) {
      free_list(block).erase({block.size, entry->first});
      block.free = false;
      were_free.push_back(entry);
    }
    block.home = &*homes_.try_emplace({stream, 0}).first;
    if (last_user != stream) block.users.push_back(last_user);
  }
  for (const auto block : were_free)
    block->second.users.empty() ? make_free(block) : wait_for_users(block);
  std::erase_if(homes_, [&](const auto& home) { return home.first.second == pool; });
}

CachingAllocator::Blocks::iterator CachingAllocator::find_free(Homes::pointer home, size_t size,
                                                               bool small) {
  const FreeList& list = small ? home->second.small : home->second.large;
  const auto best = list.lower_bound({size, nullptr});
  return best == list.end() ? blocks_.end() : blocks_.find(best->second);
}

CachingAllocator::Blocks::iterator CachingAllocator::add_segment(Homes::pointer home, size_t size,
                                                                 bool small) {
  const size_t bytes = segment_size(size, small);
  const auto fits = [&] { return limit_ == 0 || stats_.reserved_bytes + bytes <= limit_; };
  void* memory = fits() ? source_->take(bytes) : nullptr;
  if (memory == nullptr) {
    release_free_segments();
    memory = fits() ? source_->take(bytes) : nullptr;
  }
  if (memory == nullptr) out_of_memory(size);
  ++stats_.system_allocations;
  stats_.reserved_bytes += bytes;
  char* const start = static_cast<char*>(memory);
  segments_[start] = bytes;
  const auto block =
      blocks_.insert({start, {.size = bytes, .segment = start, .home = home, .small = small}})
          .first;
  free_list(block->second).insert({bytes, start});
  return block;
}

void CachingAllocator::split(Blocks::iterator block, size_t size) {
  Block& whole = block->second;
  const size_t rest = whole.size - size;
  if (rest < (whole.small ? kAlignment : kSmallLimit)) return;
  char* const at = block->first + size;
  blocks_.insert(
      {at, {.size = rest, .segment = whole.segment, .home = whole.home, .small = whole.small}});
  free_list(whole).insert({rest, at});
  whole.size = size;
}

CachingAllocator::Blocks::iterator CachingAllocator::merge_with_neighbours(Blocks::iterator block) {
  const auto absorb_next = [&](Blocks::iterator first) {
    const auto next = std::next(first);
    if (next == blocks_.end() || next->second.segment != first->second.segment) return;
    first->second.size += next->second.size;
    blocks_.erase(next);
  };
  const auto next = std::next(block);
  if (next != blocks_.end() && next->second.free && next->second.segment == block->second.segment) {
    free_list(next->second).erase({next->second.size, next->first});
    absorb_next(block);
  }
  if (block != blocks_.begin()) {
    const auto previous = std::prev(block);
    if (previous->second.free && previous->second.segment == block->second.segment) {
      free_list(previous->second).erase({previous->second.size, previous->first});
      absorb_next(previous);
      return previous;
    }
  }
  return block;
}

void CachingAllocator::release_free_segments() {
  if (source_->is_capturing()) return;
  reclaim(true);
  for (auto& [name, home] : homes_) empty_bins(home);
  for (auto segment = segments_.begin(); segment != segments_.end();) {
    const auto block = blocks_.find(segment->first);
    const bool is_free = block->second.free && block->second.size == segment->second &&
                         block->second.home->first.second == 0;
    segment = is_free ? release(segment) : std::next(segment);
  }
}

CachingAllocator::Segments::iterator CachingAllocator::release(Segments::iterator segment) {
  const auto block = blocks_.find(segment->first);
  free_list(block->second).erase({block->second.size, block->first});
  source_->give_back(segment->first);
  stats_.reserved_bytes -= segment->second;
  blocks_.erase(block);
  return segments_.erase(segment);
}

void CachingAllocator::out_of_memory(size_t bytes) const {
  throw OutOfMemoryError(
      "out of memory on " + source_->name() + ": a tensor needs " + in_units(bytes) + ", " +
      in_units(stats_.allocated_bytes) + " are in use by tensors" +
      (limit_ ? " and set_memory_limit allows " + in_units(limit_) : std::string()) +
      "; use a smaller batch, or drop tensors that are no longer needed");
}

MemoryStats CachingAllocator::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

void CachingAllocator::empty_cache() {
  const std::lock_guard lock(mutex_);
  release_free_segments();
}

void CachingAllocator::set_limit(size_t bytes) {
  const std::lock_guard lock(mutex_);
  limit_ = bytes;
}

void CachingAllocator::count_synchronization() {
  const std::lock_guard lock(mutex_);
  ++stats_.synchronizations;
}

}  // namespace cuttle
