// Data sets made of others: parts, one behind the other, parts at random.
#pragma once

#include <vector>

#include "../core/generator.h"
#include "../core/scalar.h"
#include "dataset.h"

namespace cuttle {

// Each holds the data sets it is made of as a DataLoader does: lvalues must outlive it, shared
// pointers are kept.

/// torch.utils.data.Subset: example i is the data set's example indices[i].
class Subset : public Dataset {
 public:
  /// Throws Error for an index that the data set does not have.
  Subset(DatasetRef dataset, std::vector<int64_t> indices);

  Example get(size_t index) const override;
  size_t size() const override { return indices_.size(); }
  std::optional<Batch> get_batch(std::span<const int64_t> indices) const override;

  const Dataset& dataset() const noexcept { return *dataset_; }
  const std::vector<int64_t>& indices() const noexcept { return indices_; }

 private:
  DatasetRef dataset_;
  std::vector<int64_t> indices_;
};

/// torch.utils.data.ConcatDataset: the examples of the first data set, then those of the second, …
class ConcatDataset : public Dataset {
 public:
  /// Throws Error if there are none.
  explicit ConcatDataset(std::vector<DatasetRef> datasets);

  Example get(size_t index) const override;
  size_t size() const override { return ends_.back(); }

 private:
  std::vector<DatasetRef> datasets_;
  std::vector<size_t> ends_;  // where each one's examples end
};

/// torch.utils.data.random_split: disjoint parts of these lengths, chosen by one random permutation
/// from the generator. The lengths add up to the data set's size; or they are fractions that add up
/// to 1: then each is rounded down, and what is left goes to the first parts, one each, in turns.
/// Throws Error for other lengths.
///
///     const auto parts = random_split(dataset, {0.9, 0.1}, Generator(42));
///     DataLoader train_loader(parts[0]), validation_loader(parts[1]);
std::vector<Subset> random_split(const DatasetRef& dataset, const std::vector<Scalar>& lengths,
                                 Generator generator = default_generator());

}  // namespace cuttle
