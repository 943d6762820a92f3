// Losses of order and likeness. Formulas, options and errors: core/ops/losses/ranking.h.
#pragma once

#include "../../core/ops/losses/ranking.h"
#include "loss.h"

namespace cuttle {

/// torch.nn.MarginRankingLoss: which of two inputs is to be larger, by the target's sign.
class MarginRankingLoss
    : public LossWith<MarginRankingLoss, TernaryLoss, MarginRankingLossOptions> {
 public:
  using LossWith::LossWith;
  Tensor forward(const Tensor& input1, const Tensor& input2, const Tensor& target) override;
};

/// torch.nn.HingeEmbeddingLoss: of distances.
class HingeEmbeddingLoss : public LossWith<HingeEmbeddingLoss, Loss, HingeEmbeddingLossOptions> {
 public:
  using LossWith::LossWith;
  Tensor forward(const Tensor& input, const Tensor& target) override;
};

/// torch.nn.SoftMarginLoss: of two classes, 1 and −1.
class SoftMarginLoss : public LossWith<SoftMarginLoss, Loss, LossOptions> {
 public:
  using LossWith::LossWith;
  Tensor forward(const Tensor& input, const Tensor& target) override;
};

/// torch.nn.CosineEmbeddingLoss: the angle between two inputs, small or large by the target's sign.
class CosineEmbeddingLoss
    : public LossWith<CosineEmbeddingLoss, TernaryLoss, CosineEmbeddingLossOptions> {
 public:
  using LossWith::LossWith;
  Tensor forward(const Tensor& input1, const Tensor& input2, const Tensor& target) override;
};

/// torch.nn.TripletMarginLoss: an anchor nearer to the positive than to the negative.
class TripletMarginLoss
    : public LossWith<TripletMarginLoss, TernaryLoss, TripletMarginLossOptions> {
 public:
  using LossWith::LossWith;
  Tensor forward(const Tensor& anchor, const Tensor& positive, const Tensor& negative) override;
};

/// torch.nn.TripletMarginWithDistanceLoss: the same by a distance of your own.
class TripletMarginWithDistanceLoss : public LossWith<TripletMarginWithDistanceLoss, TernaryLoss,
                                                      TripletMarginWithDistanceLossOptions> {
 public:
  using LossWith::LossWith;
  Tensor forward(const Tensor& anchor, const Tensor& positive, const Tensor& negative) override;
};

}  // namespace cuttle
