// Adam and its kin: AdamW, NAdam, RAdam, Adamax. Options have PyTorch's names, meaning and
// defaults; the formulas stand beside the rules, in kernels/optimizer_rules_adam.h.
#pragma once

#include "rule_optimizer.h"

namespace cuttle {

using kernels::Betas;
/// lr, betas, eps, weight_decay (as a part of the gradient), amsgrad, maximize.
using AdamOptions = kernels::AdamOptions;
/// The same; weight_decay is decoupled and 0.01.
using AdamWOptions = kernels::AdamWOptions;
/// lr, betas, eps, weight_decay, momentum_decay, decoupled_weight_decay, maximize.
using NAdamOptions = kernels::NAdamOptions;
/// lr, betas, eps, weight_decay, decoupled_weight_decay, maximize.
using RAdamOptions = kernels::RAdamOptions;
/// lr, betas, eps, weight_decay, maximize.
using AdamaxOptions = kernels::AdamaxOptions;

/// torch.optim.Adam: Adam adam(model.parameters(), {.lr = 3e-4, .betas = {0.9, 0.95}}).
class Adam : public RuleOptimizer<kernels::AdamRule> {
 public:
  using RuleOptimizer::RuleOptimizer;
};

/// torch.optim.AdamW.
class AdamW : public RuleOptimizer<kernels::AdamWRule> {
 public:
  using RuleOptimizer::RuleOptimizer;
};

/// torch.optim.NAdam: Adam with Nesterov's momentum.
class NAdam : public RuleOptimizer<kernels::NAdamRule> {
 public:
  using RuleOptimizer::RuleOptimizer;
};

/// torch.optim.RAdam: Adam that holds back while its variance is not known.
class RAdam : public RuleOptimizer<kernels::RAdamRule> {
 public:
  using RuleOptimizer::RuleOptimizer;
};

/// torch.optim.Adamax: Adam by the infinity norm.
class Adamax : public RuleOptimizer<kernels::AdamaxRule> {
 public:
  using RuleOptimizer::RuleOptimizer;
};

}  // namespace cuttle
