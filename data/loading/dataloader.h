// Batches of a data set: torch.utils.data.DataLoader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>

#include "../../core/cuda_stream.h"
#include "../dataset.h"
#include "collate.h"
#include "samplers.h"

namespace cuttle {

struct DataLoaderOptions {
  size_t batch_size = 64;
  bool shuffle = false;
  uint64_t seed = 0;           // of the shuffling, and of what random transforms draw
  bool drop_last = false;      // leave out a last batch that is not full
  size_t num_workers = 0;      // threads that make batches ahead; 0: each is made when asked for
  size_t prefetch_factor = 2;  // batches ahead, for each worker
  std::shared_ptr<const Sampler> sampler = nullptr;             // instead of shuffle
  std::shared_ptr<const BatchSampler> batch_sampler = nullptr;  // instead of size, order, drop_last
  CollateFunction collate_fn = nullptr;                         // instead of default_collate
  /// Batches lie in page-locked memory (core/pinned_memory.h) where there is a GPU.
  bool pin_memory = false;
  /// Where batches come. To a GPU they are copied ahead, on a stream of the loader's own.
  Device device = {};
};

/// Where a loader stands: what a checkpoint keeps of it.
struct DataLoaderState {
  uint64_t epoch = 0;  // counted from 0
  uint64_t batch = 0;  // of the epoch: how many were handed out
  friend bool operator==(const DataLoaderState&, const DataLoaderState&) = default;
};

/// Yields the examples of a data set in batches:
///
///     DataLoader loader(dataset, {.batch_size = 64, .num_workers = 2});
///     for (auto [images, targets] : loader) { … }   // or auto&, const auto&
///
/// Each range-for is one epoch. With `shuffle`, epoch k goes in the order of the k-th
/// torch.randperm(len(dataset), generator=g), g seeded with `seed`. The batches of an epoch, what
/// random transforms draw (data/loading/sample_random.h) too, depend on the seed and the number of
/// the epoch alone, however many workers there are. Workers live as long as the epoch's iterator; a
/// loop may be left at any time. They compute on one thread each. A loader is for one thread;
/// several loaders may share a data set.
class DataLoader {
 public:
  /// `dataset` must outlive the loader, or is shared with it. Throws Error if it is empty, the
  /// batch size or the prefetch factor is 0, and for options that exclude each other.
  explicit DataLoader(DatasetRef dataset, const DataLoaderOptions& options = {});

  /// Number of batches of an epoch.
  size_t size() const { return setup_->batches->size(); }
  const Dataset& dataset() const noexcept { return *setup_->dataset; }

  /// Walks through one epoch once. Copies are the same walk.
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Batch;
    using difference_type = std::ptrdiff_t;
    using pointer = Batch*;
    using reference = Batch&;

    /// The batch, put together at the first call and kept until ++. Throws Error if the examples
    /// differ in shape or dtype, or are not on the CPU; and what get() throws, as an Error that
    /// begins with the example's index (and has the original nested), whatever thread met it.
    Batch& operator*() const&;
    /// The same of an iterator that is gone after the line, as in *loader.begin().
    Batch operator*() const&& { return *static_cast<const Iterator&>(*this); }
    Iterator& operator++();
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const noexcept;

   private:
    friend class DataLoader;
    struct Epoch;
    explicit Iterator(std::shared_ptr<Epoch> epoch) : epoch_(std::move(epoch)) {}

    std::shared_ptr<Epoch> epoch_;
  };

  /// Begins the next epoch, or goes on in the one that load_state() named. A constant loader, too,
  /// remembers which epoch it is at. Throws Error for an index that the data set does not have.
  Iterator begin() const;
  std::default_sentinel_t end() const noexcept { return {}; }

  /// Where the loop that was begun last stands: after its n-th batch was taken {epoch, n}, at its
  /// end {epoch + 1, 0}. Batches that workers made ahead do not count.
  DataLoaderState state() const noexcept { return *state_; }
  /// The next loop yields the batches that would have come after that state; none, if the epoch's
  /// last one had been taken. Throws Error for a batch that the epoch does not have.
  void load_state(const DataLoaderState& state);

 private:
  struct Setup {
    DatasetRef dataset;
    DataLoaderOptions options;
    std::shared_ptr<const BatchSampler> batches;
    std::optional<cuda::Stream> copies = {};  // of batches to a GPU
    std::optional<Device> pins_for = {};      // the GPU that is to copy them itself
  };

  std::shared_ptr<const Setup> setup_;
  mutable std::shared_ptr<DataLoaderState> state_;  // written by the walk that was begun last
  mutable DataLoaderState next_;                    // what begin() begins
};

}  // namespace cuttle
