// Losses of order and likeness: margins between scores, distances between embeddings.
#pragma once

#include <functional>

#include "../../tensor.h"
#include "loss_reduction.h"

namespace cuttle {

// Targets y are 1 or −1, in the inputs' floating dtype, and get no gradient. Throw Error where
// shapes, dtypes or devices do not fit.

struct MarginRankingLossOptions {
  double margin = 0;
  LossReduction reduction = LossReduction::mean;
};
/// torch.nn.functional.margin_ranking_loss: max(0, −y (x1 − x2) + margin).
Tensor margin_ranking_loss(const Tensor& input1, const Tensor& input2, const Tensor& target,
                           const MarginRankingLossOptions& options = {});

struct HingeEmbeddingLossOptions {
  double margin = 1;
  LossReduction reduction = LossReduction::mean;
};
/// torch.nn.functional.hinge_embedding_loss: x where y is 1, max(0, margin − x) where it is −1.
Tensor hinge_embedding_loss(const Tensor& input, const Tensor& target,
                            const HingeEmbeddingLossOptions& options = {});

/// torch.nn.functional.soft_margin_loss: log(1 + exp(−y x)), with a gradient by y too.
Tensor soft_margin_loss(const Tensor& input, const Tensor& target,
                        LossReduction reduction = LossReduction::mean);

struct CosineEmbeddingLossOptions {
  double margin = 0;
  LossReduction reduction = LossReduction::mean;
};
/// torch.nn.functional.cosine_embedding_loss: 1 − cos(x1, x2) where y is 1, max(0, cos(x1, x2) −
/// margin) where it is −1; inputs (N, D) and a target (N), or (D) and ().
Tensor cosine_embedding_loss(const Tensor& input1, const Tensor& input2, const Tensor& target,
                             const CosineEmbeddingLossOptions& options = {});

/// torch.nn.functional.pairwise_distance: the p-norm of x1 − x2 + eps along the last dimension.
Tensor pairwise_distance(const Tensor& x1, const Tensor& x2, double p = 2, double eps = 1e-6,
                         bool keepdim = false);

struct TripletMarginLossOptions {
  double margin = 1;  // > 0
  double p = 2;
  double eps = 1e-6;
  bool swap = false;  // the negative's distance is the smaller one of those to anchor and positive
  LossReduction reduction = LossReduction::mean;
};
/// torch.nn.functional.triplet_margin_loss: max(0, d(anchor, positive) − d(anchor, negative) +
/// margin) with d = pairwise_distance, of tensors (N, D) or (D).
Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                           const TripletMarginLossOptions& options = {});

/// A distance between rows: (N, D) and (N, D) give (N).
using DistanceFunction = std::function<Tensor(const Tensor&, const Tensor&)>;

struct TripletMarginWithDistanceLossOptions {
  DistanceFunction distance_function = {};  // pairwise_distance where empty
  double margin = 1;                        // > 0
  bool swap = false;
  LossReduction reduction = LossReduction::mean;
};
/// torch.nn.functional.triplet_margin_with_distance_loss: the same with any distance.
Tensor triplet_margin_with_distance_loss(const Tensor& anchor, const Tensor& positive,
                                         const Tensor& negative,
                                         const TripletMarginWithDistanceLossOptions& options = {});

}  // namespace cuttle
