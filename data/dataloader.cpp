#include "dataloader.h"

#include <algorithm>
#include <cstring>

#include "../core/creation.h"

namespace cuttle {
namespace {

void check_example(const Tensor& image, size_t index) {
  if (!image.defined()) fail("DataLoader: example ", index, " has an undefined image");
  if (!image.is_cpu()) {
    fail("DataLoader: example ", index, " is on ", image.device(),
         "; a data set's transform stays on the CPU, move the batch instead");
  }
}

// Examples to one batch. `index_of` gives the data set's index of the i-th of `count`.
template <class IndexOf>
Batch collate(const Dataset& dataset, size_t count, IndexOf index_of) {
  Batch batch;
  batch.targets = empty({static_cast<int64_t>(count)}, {.dtype = int64});
  Shape shape;  // of one example
  size_t bytes = 0;
  for (size_t i = 0; i < count; ++i) {
    const size_t index = index_of(i);
    const Example example = dataset.get(index);
    check_example(example.image, index);
    const Tensor image = example.image.contiguous();
    if (i == 0) {
      shape = image.shape();
      bytes = static_cast<size_t>(image.numel()) * element_size(image.dtype());
      Shape all = shape;
      all.insert(0, static_cast<int64_t>(count));
      batch.images = empty(all, {.dtype = image.dtype()});
    } else if (image.shape() != shape || image.dtype() != batch.images.dtype()) {
      fail("DataLoader: example ", index, " is ", image.dtype(), " ", image.shape(),
           ", the batch's first is ", batch.images.dtype(), " ", shape,
           "; a transform can bring them to one shape");
    }
    auto* place = static_cast<char*>(batch.images.raw_data()) + i * bytes;
    if (bytes > 0) std::memcpy(place, image.raw_data(), bytes);
    batch.targets.data<int64_t>()[i] = example.target;
  }
  return batch;
}

}  // namespace

DataLoader::DataLoader(const Dataset& dataset, const DataLoaderOptions& options)
    : DataLoader(std::shared_ptr<const Dataset>(std::shared_ptr<void>(), &dataset), options) {}

DataLoader::DataLoader(std::shared_ptr<const Dataset> dataset, const DataLoaderOptions& options)
    : dataset_(std::move(dataset)),
      options_(options),
      generator_(std::make_unique<Generator>(options.seed)) {
  if (dataset_ == nullptr) fail("DataLoader: the data set is a null pointer");
  if (options_.batch_size == 0) fail("DataLoader: batch_size is 0; it must be at least 1");
  if (dataset_->size() == 0) fail("DataLoader: the data set is empty");
}

size_t DataLoader::size() const noexcept {
  const size_t examples = dataset_->size();
  const size_t full = examples / options_.batch_size;
  return full + (!options_.drop_last && examples % options_.batch_size != 0 ? 1 : 0);
}

DataLoader::Iterator DataLoader::begin() const {
  if (!options_.shuffle) return {this, nullptr};
  std::vector<int64_t> order(dataset_->size());
  generator_->permutation(order);
  return {this, std::make_shared<const std::vector<int64_t>>(std::move(order))};
}

Batch& DataLoader::Iterator::operator*() const& {
  if (batch_) return *batch_;
  const size_t batch_size = loader_->options_.batch_size;
  const size_t first = number_ * batch_size;
  const size_t examples = order_ ? order_->size() : loader_->dataset_->size();
  const size_t count = std::min(batch_size, examples - std::min(first, examples));
  batch_ = collate(*loader_->dataset_, count, [&](size_t i) {
    return order_ ? static_cast<size_t>((*order_)[first + i]) : first + i;
  });
  return *batch_;
}

}  // namespace cuttle
