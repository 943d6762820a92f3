// SGD: stochastic gradient descent with momentum, Nesterov momentum and weight decay. Lion follows
// the sign alone.
#pragma once

#include "rule_optimizer.h"

namespace cuttle {

/// lr, momentum, dampening, weight_decay, nesterov, maximize, with PyTorch's meaning and defaults.
using SGDOptions = kernels::SgdOptions;
/// lr, betas, weight_decay (decoupled), maximize.
using LionOptions = kernels::LionOptions;

/// torch.optim.SGD. For a parameter p with gradient g (negated with maximize), each step does
///   g ← g + weight_decay · p
///   b ← g on the first step, then momentum · b + (1 − dampening) · g     (where momentum ≠ 0)
///   g ← g + momentum · b with nesterov, else b
///   p ← p − lr · g
class SGD : public RuleOptimizer<kernels::SgdRule> {
 public:
  using RuleOptimizer::RuleOptimizer;
};

/// Lion (Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms"): each step does
///   p ← p · (1 − lr · weight_decay) − lr · sign(β₁ · m + (1 − β₁) · g)
///   m ← β₂ · m + (1 − β₂) · g
class Lion : public RuleOptimizer<kernels::LionRule> {
 public:
  using RuleOptimizer::RuleOptimizer;
};

}  // namespace cuttle
