// Batches of a data set: torch.utils.data.DataLoader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <vector>

#include "../core/generator.h"
#include "dataset.h"

namespace cuttle {

struct DataLoaderOptions {
  size_t batch_size = 64;
  bool shuffle = false;
  uint64_t seed = 0;       // of the shuffling
  bool drop_last = false;  // leave out a last batch that is not full
};

/// What a loader yields, on the CPU.
struct Batch {
  Tensor images;   // (B, …), B copies of what the data set's get() gives
  Tensor targets;  // (B) int64
};

/// Yields the examples of a data set in batches:
///
///     DataLoader loader(dataset, {.batch_size = 64});
///     for (auto [images, targets] : loader) { … }   // or auto&, const auto&
///
/// Each range-for is one epoch. With `shuffle`, epoch k goes in the order of the k-th
/// torch.randperm(len(dataset), generator=g), g seeded with `seed`.
class DataLoader {
 public:
  /// `dataset` must outlive the loader. Throws Error if it is empty or the batch size is 0.
  explicit DataLoader(const Dataset& dataset, const DataLoaderOptions& options = {});
  /// The loader keeps the data set alive.
  explicit DataLoader(std::shared_ptr<const Dataset> dataset,
                      const DataLoaderOptions& options = {});
  explicit DataLoader(const Dataset&& dataset, const DataLoaderOptions& options = {}) = delete;

  /// Number of batches of an epoch.
  size_t size() const noexcept;
  const Dataset& dataset() const noexcept { return *dataset_; }

  /// Walks through one epoch once.
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Batch;
    using difference_type = std::ptrdiff_t;
    using pointer = Batch*;
    using reference = Batch&;

    /// The batch, put together at the first call and kept until ++. Throws Error if the examples
    /// differ in shape or dtype, or are not on the CPU.
    Batch& operator*() const&;
    /// The same of an iterator that is gone after the line, as in *loader.begin().
    Batch operator*() const&& { return *static_cast<const Iterator&>(*this); }
    Iterator& operator++() {
      ++number_;
      batch_.reset();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const noexcept { return number_ >= loader_->size(); }

   private:
    friend class DataLoader;
    Iterator(const DataLoader* loader, std::shared_ptr<const std::vector<int64_t>> order)
        : loader_(loader), order_(std::move(order)) {}

    const DataLoader* loader_;
    std::shared_ptr<const std::vector<int64_t>> order_;  // nullptr: as they come
    size_t number_ = 0;
    mutable std::optional<Batch> batch_;
  };

  /// Begins an epoch; with `shuffle`, in a new order. A constant loader, too, remembers which epoch
  /// it is at.
  Iterator begin() const;
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  std::shared_ptr<const Dataset> dataset_;
  DataLoaderOptions options_;
  std::unique_ptr<Generator> generator_;
};

}  // namespace cuttle
