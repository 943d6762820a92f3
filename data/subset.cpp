#include "subset.h"

#include <algorithm>
#include <cmath>

namespace cuttle {

Subset::Subset(DatasetRef dataset, std::vector<int64_t> indices)
    : dataset_(std::move(dataset)), indices_(std::move(indices)) {
  const auto examples = static_cast<int64_t>(dataset_->size());
  for (const int64_t index : indices_)
    if (index < 0 || index >= examples)
      fail("Subset: there is no example ", index, ", the data set has ", examples);
}

Example Subset::get(size_t index) const {
  if (index >= size()) fail("Subset: there is no example ", index, ", it has ", size());
  return dataset_->get(static_cast<size_t>(indices_[index]));
}

std::optional<Batch> Subset::get_batch(std::span<const int64_t> indices) const {
  std::vector<int64_t> theirs(indices.size());
  for (size_t i = 0; i < indices.size(); ++i)
    theirs[i] = indices_.at(static_cast<size_t>(indices[i]));
  return dataset_->get_batch(theirs);
}

ConcatDataset::ConcatDataset(std::vector<DatasetRef> datasets) : datasets_(std::move(datasets)) {
  if (datasets_.empty()) fail("ConcatDataset: there are no data sets");
  size_t end = 0;
  for (const DatasetRef& dataset : datasets_) ends_.push_back(end += dataset->size());
}

Example ConcatDataset::get(size_t index) const {
  if (index >= size()) fail("ConcatDataset: there is no example ", index, ", it has ", size());
  const auto which = std::upper_bound(ends_.begin(), ends_.end(), index) - ends_.begin();
  const DatasetRef& dataset = datasets_[static_cast<size_t>(which)];
  return dataset->get(index - (ends_[static_cast<size_t>(which)] - dataset->size()));
}

namespace {

// The lengths in examples, as PyTorch tells fractions from numbers: by their sum.
std::vector<size_t> part_lengths(size_t examples, const std::vector<Scalar>& lengths) {
  double sum = 0;
  for (const Scalar& length : lengths) sum += length.to<double>();
  const bool fractions = sum <= 1 && sum >= 1 - 1e-9;
  std::vector<size_t> parts;
  size_t given = 0;
  for (const Scalar& length : lengths) {
    const double share = length.to<double>();
    if (!(share >= 0 && share < 0x1p53) || (!fractions && std::floor(share) != share))
      fail("random_split: expected lengths of 0 and more, or fractions that add up to 1, got ",
           share);
    parts.push_back(
        static_cast<size_t>(fractions ? std::floor(static_cast<double>(examples) * share) : share));
    given += parts.back();
  }
  if (fractions)
    for (size_t i = 0; given < examples; ++i, ++given) ++parts[i % parts.size()];
  if (given != examples)
    fail("random_split: the lengths add up to ", sum, ", the data set has ", examples,
         " examples; lengths add up to that, fractions to 1");
  return parts;
}

}  // namespace

std::vector<Subset> random_split(const DatasetRef& dataset, const std::vector<Scalar>& lengths,
                                 Generator generator) {
  const std::vector<size_t> parts = part_lengths(dataset->size(), lengths);
  std::vector<int64_t> order(dataset->size());
  generator.permutation(order);
  std::vector<Subset> subsets;
  auto next = order.begin();
  for (const size_t count : parts) {
    const auto end = next + static_cast<ptrdiff_t>(count);
    subsets.emplace_back(dataset, std::vector<int64_t>(next, end));
    next = end;
  }
  return subsets;
}

}  // namespace cuttle
