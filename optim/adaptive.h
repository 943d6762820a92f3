// RMSprop, Adagrad, Adadelta: steps divided by the gradient's size so far. Options have PyTorch's
// names, meaning and defaults; the formulas stand beside the rules, in
// kernels/optimizer_rules_scaled.h.
#pragma once

#include "rule_optimizer.h"

namespace cuttle {

/// lr, alpha, eps, weight_decay, momentum, centered, maximize.
using RMSpropOptions = kernels::RMSpropOptions;
/// lr, lr_decay, weight_decay, initial_accumulator_value, eps, maximize.
using AdagradOptions = kernels::AdagradOptions;
/// lr, rho, eps, weight_decay, maximize.
using AdadeltaOptions = kernels::AdadeltaOptions;

/// torch.optim.RMSprop.
class RMSprop : public RuleOptimizer<kernels::RMSpropRule> {
 public:
  using RuleOptimizer::RuleOptimizer;
};

/// torch.optim.Adagrad.
class Adagrad : public RuleOptimizer<kernels::AdagradRule> {
 public:
  using RuleOptimizer::RuleOptimizer;
};

/// torch.optim.Adadelta.
class Adadelta : public RuleOptimizer<kernels::AdadeltaRule> {
 public:
  using RuleOptimizer::RuleOptimizer;
};

}  // namespace cuttle
