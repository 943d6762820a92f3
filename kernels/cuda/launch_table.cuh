// Many arrays in one launch: which of them a block works on.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "gpu.h"

namespace cuttle::kernels::cuda {

/// The arrays of one launch, passed by value in the kernel's own parameters: no table in device
/// memory, no copy before the launch. An Entry has a member `numel`. Blocks take chunks of one
/// array each, in order.
template <class Entry, int kCapacity>
struct LaunchTable {
  Entry entries[kCapacity];
  int first_block[kCapacity + 1];  // entry e has blocks [first_block[e], first_block[e + 1])
  int count = 0;

  /// Adds an array; one without elements has a block, too.
  void add(const Entry& entry, int64_t chunk) {
    const int64_t blocks = std::max<int64_t>(1, (entry.numel + chunk - 1) / chunk);
    entries[count] = entry;
    first_block[count + 1] = first_block[count] + static_cast<int>(blocks);
    ++count;
  }
  unsigned blocks() const { return static_cast<unsigned>(first_block[count]); }

  /// The block's entry, by bisection.
  __device__ int find(int block) const {
    int low = 0, high = count;  // first_block[low] ≤ block < first_block[high]
    while (high - low > 1) {
      const int middle = (low + high) / 2;
      if (first_block[middle] <= block)
        low = middle;
      else
        high = middle;
    }
    return low;
  }
};

/// How many entries fit into a launch's parameters, 4,096 bytes and since CUDA 12.1 up to 32,764,
/// beside `others` bytes of further ones. The smaller table is for the usual model: a launch copies
/// it whole.
template <class Entry>
constexpr int table_capacity(int bytes, int others) {
  return (bytes - others - 16) / static_cast<int>(sizeof(Entry) + sizeof(int));
}
inline constexpr int kSmallTableBytes = 4096;
#if defined(CUDART_VERSION) && CUDART_VERSION < 12010
inline constexpr int kLargeTableBytes = 4096;
#else
inline constexpr int kLargeTableBytes = 32764;
#endif

/// Calls launch(table) with as few tables as hold all of `items`, made entries by entry_of(item).
template <class Entry, int kOthers, class Item, class EntryOf, class Launch>
void for_each_table(std::span<const Item> items, int64_t chunk, const EntryOf& entry_of,
                    const Launch& launch) {
  constexpr int kSmall = table_capacity<Entry>(kSmallTableBytes, kOthers);
  constexpr int kLarge = table_capacity<Entry>(kLargeTableBytes, kOthers);
  const auto run = [&]<int kCapacity>(std::span<const Item> part) {
    LaunchTable<Entry, kCapacity> table = {};
    static_assert(sizeof(table) + kOthers <= kLargeTableBytes);
    for (const Item& item : part) table.add(entry_of(item), chunk);
    launch(table);
  };
  while (!items.empty()) {
    const auto part = items.first(std::min<size_t>(items.size(), kLarge));
    if (part.size() <= kSmall)
      run.template operator()<kSmall>(part);
    else
      run.template operator()<kLarge>(part);
    items = items.subspan(part.size());
  }
}

}  // namespace cuttle::kernels::cuda
