// Scaled dot-product attention.
#pragma once

#include <optional>

#include "../../generator.h"
#include "../../tensor.h"

namespace cuttle {

struct AttentionOptions {
  /// Broadcasts to (…, L, S): bool, true where a query sees a key, or of the query's dtype, added
  /// to the scores.
  Tensor attn_mask = {};
  double dropout_p = 0;              // of the weights; to be 0 where the model does not train
  bool is_causal = false;            // query i sees the keys j ≤ i alone
  std::optional<double> scale = {};  // unset: 1 / √E
  std::optional<Generator> generator = {};  // of the dropout; unset: the device's default one
};

/// torch.nn.functional.scaled_dot_product_attention: query (…, L, E), key (…, S, E) and value (…,
/// S, V), whose leading dimensions broadcast, give (…, L, V):
///   softmax(query · keyᵀ · scale, masked) · value.
/// No tensor of L · S elements is made, forward or backward, unless the mask itself requires a
/// gradient, or E or V is 0 or above 256. (Dao, "FlashAttention-2", 2023.) A query that sees no key
/// gets 0, as in PyTorch 2.5 and later, where earlier ones gave NaN. Dropout draws from Philox: the
/// same bits on every device for one Philox generator; a Twister gives a seed. float16 and bfloat16
/// are computed in float32 and rounded once. Differentiable any number of times. Throws Error where
/// shapes, dtypes or devices do not fit, for a mask beside is_causal and for a dropout_p outside
/// [0, 1].
Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttentionOptions& options = {});

/// The output of an attention, and the weights (…, L, S) that its values were multiplied by.
struct AttentionWithWeights {
  Tensor output, weights;
};

/// The same with its weights, after dropout, through a matrix of scores; query, key and value have
/// four dimensions, the first two of them equal.
AttentionWithWeights attention_with_weights(const Tensor& query, const Tensor& key,
                                            const Tensor& value,
                                            const AttentionOptions& options = {});

/// The same of a packed projection, as MultiheadAttention makes it: (A, B, 3 · heads · E), with
/// queries, keys and values one behind the other, gives (A, B, heads · E). A is the sequence and B
/// the batch, or with `batch_first` the other way round; the mask broadcasts to (batch, heads, L,
/// L). Nothing is copied, and the gradient is written as one packed tensor.
Tensor packed_attention(const Tensor& packed, int64_t heads, bool batch_first,
                        const AttentionOptions& options = {});

}  // namespace cuttle
