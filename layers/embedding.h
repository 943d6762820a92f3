// Embedding and EmbeddingBag: tables of vectors that are trained. See core/ops/embedding.h.
#pragma once

#include "../core/ops/embedding.h"
#include "module.h"

namespace cuttle {

/// torch.nn.Embedding: indices (…) give rows (…, embedding_dim). weight (num_embeddings,
/// embedding_dim) starts normal with mean 0 and variance 1, the padding_idx's row 0.
class Embedding : public Module {
 public:
  /// Throws Error for negative sizes and a padding_idx beyond the table.
  Embedding(int64_t num_embeddings, int64_t embedding_dim, const EmbeddingOptions& options = {});

  Tensor forward(const Tensor& indices) override;
  std::string extra_repr() const override;
  void reset_parameters();

  Parameter& weight;

 private:
  EmbeddingOptions options_;  // padding_idx counts from the front
};

/// torch.nn.EmbeddingBag: forward(indices (B, N)), or forward(indices, offsets, per_sample_weights)
/// where the last two may be undefined; gives (B, embedding_dim).
class EmbeddingBag : public Module {
 public:
  EmbeddingBag(int64_t num_embeddings, int64_t embedding_dim,
               const EmbeddingBagOptions& options = {});

  Tensor forward(const Tensor& indices) override { return forward(indices, {}, {}); }
  virtual Tensor forward(const Tensor& indices, const Tensor& offsets,
                         const Tensor& per_sample_weights);
  using Module::operator();
  Tensor operator()(const Tensor& indices, const Tensor& offsets,
                    const Tensor& per_sample_weights = {}) {
    return call(
        [this](const Tensor& i, const Tensor& o, const Tensor& w) { return forward(i, o, w); },
        indices, offsets, per_sample_weights);
  }
  std::string extra_repr() const override;
  void reset_parameters();

  Parameter& weight;

 private:
  EmbeddingBagOptions options_;  // padding_idx counts from the front
};

}  // namespace cuttle
