// Embeddings: a read by index whose adjoint is a deterministic write.
#include "embedding.h"

#include "../autograd/grad_mode.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "arithmetic.h"
#include "embedding_parts.h"
#include "index_map.h"

namespace cuttle {

void check_table(std::string_view op, const Tensor& indices, const Tensor& weight) {
  check_defined(op, indices);
  check_defined(op, weight);
  if (weight.dim() != 2 || !is_floating_point(weight.dtype()))
    fail(op, ": expected a weight (rows, features) of a floating dtype, got shape ", weight.shape(),
         " of ", weight.dtype());
}

std::optional<int64_t> row_of_padding(std::string_view op, std::optional<int64_t> padding,
                                      const Tensor& weight) {
  const int64_t rows = weight.size(0);
  if (!padding) return {};
  if (*padding < -rows || *padding >= rows)
    fail(op, ": padding_idx must lie between ", -rows, " and ", rows - 1,
         ", the rows of the weight, got ", *padding);
  return *padding < 0 ? *padding + rows : *padding;
}

void renormalise(const Tensor& flat, const Tensor& weight, double max_norm, double norm_type) {
  const NoGradGuard no_grad;
  const Tensor rows = weight.index_select(0, flat);
  const Tensor norms = rows.norm(norm_type, {1}, /*keepdim=*/true);
  const Tensor factor = where(norms > max_norm, max_norm / (norms + 1e-7), 1);
  Tensor table = weight;
  table.index_copy_(0, flat, rows * factor);
}

std::vector<Tensor> TableGradient::operator()(const Tensor& gradient, const NeededInputs&) const {
  const Tensor index = flat.get();
  const TensorOptions like{.dtype = gradient.dtype(), .device = gradient.device()};
  Tensor rows = gradient;
  if (padding) rows = rows.masked_fill((index == *padding).unsqueeze(1), 0);
  if (by_frequency) {
    Tensor counts = zeros({table[0]}, like);
    counts.index_add_(0, index, ones({index.numel()}, like));
    rows = rows / counts.index_select(0, index).unsqueeze(1);
  }
  Tensor sum = zeros(table, like);
  write_to(sum, in_place_of_dim(op, sum, 0, index), kernels::IndexWrite::add, rows);
  return {sum};
}

namespace {

// (N, D) of N numbers.
Tensor look_up(std::string_view op, const Tensor& indices, const Tensor& weight,
               const EmbeddingOptions& options) {
  const auto padding = row_of_padding(op, options.padding_idx, weight);
  const Tensor flat = checked_index(op, weight, indices).reshape({-1});
  if (options.max_norm) renormalise(flat, weight, *options.max_norm, options.norm_type);
  Tensor rows;
  {
    const NoGradGuard no_grad;
    rows = pick(weight, in_place_of_dim(op, weight, 0, flat));
  }
  return record(op, rows, {weight},
                TableGradient{op, weight.shape(), padding, options.scale_grad_by_freq, save(flat)});
}

}  // namespace

Tensor embedding(const Tensor& indices, const Tensor& weight, const EmbeddingOptions& options) {
  check_table("embedding", indices, weight);
  Shape shape = indices.shape();
  shape.push_back(weight.size(1));
  return look_up("embedding", indices, weight, options).reshape(shape);
}

}  // namespace cuttle
