#include "collate.h"

#include <cstring>

#include "../../core/creation.h"

namespace cuttle {
namespace {

// A tensor of every example and its name in messages.
struct Column {
  const char* name;
  std::function<const Tensor&(const Example&)> of;
};

Tensor stack_column(std::span<const Example> examples, const Column& column,
                    const std::function<int64_t(size_t)>& index_of) {
  Tensor batch;
  Shape shape;  // of one example
  size_t bytes = 0;
  for (size_t i = 0; i < examples.size(); ++i) {
    const Tensor& given = column.of(examples[i]);
    if (!given.defined())
      fail("DataLoader: example ", index_of(i), " has an undefined ", column.name);
    if (!given.is_cpu())
      fail("DataLoader: example ", index_of(i), " is on ", given.device(),
           "; a data set's transform stays on the CPU, move the batch instead");
    const Tensor values = given.contiguous();
    if (i == 0) {
      shape = values.shape();
      bytes = static_cast<size_t>(values.numel()) * element_size(values.dtype());
      Shape all = shape;
      all.insert(0, static_cast<int64_t>(examples.size()));
      batch = empty(all, {.dtype = values.dtype()});
    } else if (values.shape() != shape || values.dtype() != batch.dtype()) {
      fail("DataLoader: example ", index_of(i), " is ", values.dtype(), " ", values.shape(),
           ", the batch's first is ", batch.dtype(), " ", shape,
           "; a transform can bring them to one shape");
    }
    auto* const place = static_cast<char*>(batch.raw_data()) + i * bytes;
    if (bytes > 0) std::memcpy(place, values.raw_data(), bytes);
  }
  return batch;
}

Tensor collate_targets(std::span<const Example> examples,
                       const std::function<int64_t(size_t)>& index_of) {
  for (size_t i = 1; i < examples.size(); ++i)
    if (examples[i].target.is_tensor() != examples[0].target.is_tensor())
      fail("DataLoader: the targets of examples ", index_of(0), " and ", index_of(i),
           " are a number and a tensor; one batch has targets of one kind");
  if (examples[0].target.is_tensor())
    return stack_column(
        examples,
        {"target", [](const Example& one) -> const Tensor& { return one.target.tensor(); }},
        index_of);
  Tensor targets = empty({static_cast<int64_t>(examples.size())}, {.dtype = int64});
  int64_t* to = targets.data<int64_t>();
  for (const Example& example : examples) *to++ = example.target;
  return targets;
}

}  // namespace

Batch default_collate(std::span<const Example> examples, std::span<const int64_t> indices) {
  if (examples.empty()) fail("DataLoader: a batch needs at least one example");
  const auto index_of = [&](size_t i) {
    return i < indices.size() ? indices[i] : static_cast<int64_t>(i);
  };
  const size_t others = examples[0].more.size();
  for (size_t i = 1; i < examples.size(); ++i)
    if (examples[i].more.size() != others)
      fail("DataLoader: example ", index_of(i), " has ", examples[i].more.size(),
           " further tensors, the batch's first has ", others);
  Batch batch;
  batch.images = stack_column(
      examples, {"image", [](const Example& one) -> const Tensor& { return one.image; }}, index_of);
  batch.targets = collate_targets(examples, index_of);
  for (size_t k = 0; k < others; ++k)
    batch.more.push_back(stack_column(
        examples, {"tensor", [k](const Example& one) -> const Tensor& { return one.more[k]; }},
        index_of));
  return batch;
}

}  // namespace cuttle
