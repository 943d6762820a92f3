// Embeddings: rows of a table by number, and sums, means and maxima of bags of them.
#pragma once

#include <optional>

#include "../tensor.h"

namespace cuttle {

struct EmbeddingOptions {
  std::optional<int64_t> padding_idx = {};  // this row gets no gradient; negative: from the back
  std::optional<double> max_norm = {};      // rows looked up whose norm is larger are scaled down
  double norm_type = 2;                     // the p of that norm
  bool scale_grad_by_freq = false;  // a row's gradient is divided by how often it was looked up
};

/// torch.nn.functional.embedding: indices (…) of integers and weight (V, D) give (…, D). The
/// gradient adds up in the order of the indices, the same bits in every run and on every device;
/// derivatives of every order. With max_norm rows of `weight` are changed in place, without a
/// record. Throws Error for a weight that is no matrix of a floating dtype, indices of a floating
/// dtype, a padding_idx beyond the table, and, as indexing does (core/methods/indexing.h), for
/// indices out of range.
Tensor embedding(const Tensor& indices, const Tensor& weight, const EmbeddingOptions& options = {});

/// What becomes of the rows of a bag.
enum class BagMode { sum, mean, max };

struct EmbeddingBagOptions {
  BagMode mode = BagMode::mean;
  std::optional<int64_t> padding_idx = {};  // such elements count as not there
  std::optional<double> max_norm = {};
  double norm_type = 2;
  bool scale_grad_by_freq = false;
  bool include_last_offset = false;  // offsets end with the number of indices
};

/// torch.nn.functional.embedding_bag: a row (D) for each bag of numbers. indices (B, N) are B bags
/// of N; of a vector, bag i begins at offsets[i], which start with 0 and do not fall. Empty bags
/// give 0. `per_sample_weights`, of the indices' shape, multiply the rows before they are summed
/// (sum alone). Of equal maxima the first one gets the gradient, and a NaN is largest. No row is
/// kept: one kernel reads them, and the gradient adds up in the order of the elements, the same
/// bits in every run and on every device; derivatives of every order. Throws Error as embedding
/// does, for offsets beside a matrix or without a vector, for offsets that fall or lie beyond the
/// indices (on a GPU at the next synchronisation), and for weights of another shape or in another
/// mode.
Tensor embedding_bag(const Tensor& indices, const Tensor& weight, const Tensor& offsets = {},
                     const EmbeddingBagOptions& options = {},
                     const Tensor& per_sample_weights = {});

}  // namespace cuttle
