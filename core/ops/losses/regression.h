// Losses of numbers: how far an input lies from its target.
#pragma once

#include "../../tensor.h"
#include "loss_reduction.h"

namespace cuttle {

// Of input x and target y, of one floating dtype, whose shapes broadcast (a warning says so where
// they differ). LossReduction::none gives the losses in that shape, mean and sum a scalar. All have
// derivatives by both, of every order where the formula is smooth. Throw Error where dtypes or
// devices differ or shapes do not broadcast.

/// torch.nn.functional.l1_loss: |x − y|.
Tensor l1_loss(const Tensor& input, const Tensor& target,
               LossReduction reduction = LossReduction::mean);
/// torch.nn.functional.mse_loss: (x − y)².
Tensor mse_loss(const Tensor& input, const Tensor& target,
                LossReduction reduction = LossReduction::mean);

struct SmoothL1LossOptions {
  LossReduction reduction = LossReduction::mean;
  double beta = 1;  // ≥ 0
};
/// torch.nn.functional.smooth_l1_loss: ½ (x − y)² / beta where |x − y| < beta, else
/// |x − y| − ½ beta.
Tensor smooth_l1_loss(const Tensor& input, const Tensor& target,
                      const SmoothL1LossOptions& options = {});

struct HuberLossOptions {
  LossReduction reduction = LossReduction::mean;
  double delta = 1;  // > 0
};
/// torch.nn.functional.huber_loss: ½ (x − y)² where |x − y| ≤ delta, else
/// delta · (|x − y| − ½ delta).
Tensor huber_loss(const Tensor& input, const Tensor& target, const HuberLossOptions& options = {});

struct PoissonNLLLossOptions {
  bool log_input = true;  // the input is the logarithm of the rate
  bool full = false;      // adds Stirling's y log y − y + ½ log(2π y) where y > 1
  double eps = 1e-8;      // keeps log(x + eps) finite without log_input
  LossReduction reduction = LossReduction::mean;
};
/// torch.nn.functional.poisson_nll_loss: eˣ − y x, or x − y log(x + eps).
Tensor poisson_nll_loss(const Tensor& input, const Tensor& target,
                        const PoissonNLLLossOptions& options = {});

struct GaussianNLLLossOptions {
  bool full = false;  // adds ½ log 2π
  double eps = 1e-6;  // > 0; the least variance
  LossReduction reduction = LossReduction::mean;
};
/// torch.nn.functional.gaussian_nll_loss: ½ (log s + (x − y)² / s) with s = max(var, eps), through
/// which var gets its gradient as if it were not raised. `var` has the input's shape, or 1 as its
/// last dimension, or lacks that. Throws Error for a negative variance on the CPU; on a GPU, which
/// is not asked, it counts as eps.
Tensor gaussian_nll_loss(const Tensor& input, const Tensor& target, const Tensor& var,
                         const GaussianNLLLossOptions& options = {});

}  // namespace cuttle
