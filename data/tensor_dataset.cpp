#include "tensor_dataset.h"

#include "../core/creation.h"

namespace cuttle {

TensorDataset::TensorDataset(std::vector<Tensor> tensors) : tensors_(std::move(tensors)) {
  if (tensors_.empty()) fail("TensorDataset: there are no tensors");
  for (size_t i = 0; i < tensors_.size(); ++i) {
    Tensor& tensor = tensors_[i];
    if (!tensor.defined()) fail("TensorDataset: tensor ", i, " is undefined");
    if (!tensor.is_cpu())
      fail("TensorDataset: tensor ", i, " is on ", tensor.device(),
           "; data sets are on the CPU, give it tensor.cpu() and move the batches");
    if (tensor.dim() == 0) fail("TensorDataset: tensor ", i, " has no dimensions to count along");
    if (tensor.size(0) != tensors_[0].size(0))
      fail("TensorDataset: tensor ", i, " has ", tensor.size(0), " rows (", tensor.shape(),
           "), tensor 0 has ", tensors_[0].size(0), " (", tensors_[0].shape(), ")");
    tensor = tensor.detach();
  }
}

Example TensorDataset::get(size_t index) const {
  if (index >= size()) fail("TensorDataset: there is no example ", index, ", it has ", size());
  const auto row = static_cast<int64_t>(index);
  Example example{tensors_[0].select(0, row)};
  if (tensors_.size() > 1) {
    const Tensor target = tensors_[1].select(0, row);
    if (target.dim() == 0 && target.dtype() == int64)
      example.target = target.item<int64_t>();
    else
      example.target = target;
  }
  for (size_t i = 2; i < tensors_.size(); ++i) example.more.push_back(tensors_[i].select(0, row));
  return example;
}

std::optional<Batch> TensorDataset::get_batch(std::span<const int64_t> indices) const {
  const Tensor rows = tensor(indices);
  Batch batch{tensors_[0].index_select(0, rows), {}};
  if (tensors_.size() > 1)
    batch.targets = tensors_[1].index_select(0, rows);
  else
    batch.targets = zeros({static_cast<int64_t>(indices.size())}, {.dtype = int64});
  for (size_t i = 2; i < tensors_.size(); ++i)
    batch.more.push_back(tensors_[i].index_select(0, rows));
  return batch;
}

}  // namespace cuttle
