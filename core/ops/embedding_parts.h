// What embedding and embedding_bag share: checks, the norm of looked-up rows, the table's gradient.
#pragma once

#include "../autograd/node.h"
#include "../autograd/saved_tensor.h"
#include "embedding.h"

namespace cuttle {

/// Throws Error unless weight is a matrix of a floating dtype.
void check_table(std::string_view op, const Tensor& indices, const Tensor& weight);

/// padding_idx counted from the front. Throws Error for one beyond the table.
std::optional<int64_t> row_of_padding(std::string_view op, std::optional<int64_t> padding,
                                      const Tensor& weight);

/// Scales the rows that are looked up to max_norm, in place. A row that comes twice is written
/// twice with the same values.
void renormalise(const Tensor& flat, const Tensor& weight, double max_norm, double norm_type);

/// The gradient of the table from those of the rows that were read, by recorded operations.
struct TableGradient {
  std::string_view op;
  Shape table;
  std::optional<int64_t> padding;
  bool by_frequency;
  SavedTensor flat;

  std::vector<Tensor> operator()(const Tensor& gradient, const NeededInputs&) const;
};

}  // namespace cuttle
