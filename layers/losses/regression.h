// Losses of numbers: L1Loss, MSELoss, SmoothL1Loss, HuberLoss, PoissonNLLLoss, GaussianNLLLoss.
// Formulas, options and errors: core/ops/losses/regression.h.
#pragma once

#include "../../core/ops/losses/regression.h"
#include "loss.h"

namespace cuttle {

/// torch.nn.L1Loss: |x − y|.
class L1Loss : public LossWith<L1Loss, Loss, LossOptions> {
 public:
  using LossWith::LossWith;
  Tensor forward(const Tensor& input, const Tensor& target) override;
};

/// torch.nn.MSELoss: (x − y)².
class MSELoss : public LossWith<MSELoss, Loss, LossOptions> {
 public:
  using LossWith::LossWith;
  Tensor forward(const Tensor& input, const Tensor& target) override;
};

/// torch.nn.SmoothL1Loss: quadratic up to beta, linear beyond.
class SmoothL1Loss : public LossWith<SmoothL1Loss, Loss, SmoothL1LossOptions> {
 public:
  using LossWith::LossWith;
  Tensor forward(const Tensor& input, const Tensor& target) override;
};

/// torch.nn.HuberLoss: the same times delta.
class HuberLoss : public LossWith<HuberLoss, Loss, HuberLossOptions> {
 public:
  using LossWith::LossWith;
  Tensor forward(const Tensor& input, const Tensor& target) override;
};

/// torch.nn.PoissonNLLLoss: of counts, the input being the rate or its logarithm.
class PoissonNLLLoss : public LossWith<PoissonNLLLoss, Loss, PoissonNLLLossOptions> {
 public:
  using LossWith::LossWith;
  Tensor forward(const Tensor& input, const Tensor& target) override;
};

/// torch.nn.GaussianNLLLoss: of numbers, the input being the mean, with a variance.
class GaussianNLLLoss : public LossWith<GaussianNLLLoss, TernaryLoss, GaussianNLLLossOptions> {
 public:
  using LossWith::LossWith;
  Tensor forward(const Tensor& input, const Tensor& target, const Tensor& var) override;
};

}  // namespace cuttle
