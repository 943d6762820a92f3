// Every optimizer's rule.
#pragma once

#include "optimizer_rules_adam.h"
#include "optimizer_rules_scaled.h"
#include "optimizer_rules_sgd.h"

/// Calls X(Rule) for each.
#define CUTTLE_OPTIMIZER_RULES(X) \
  X(SgdRule)                      \
  X(LionRule)                     \
  X(AdamRule)                     \
  X(AdamWRule) X(NAdamRule) X(RAdamRule) X(AdamaxRule) X(RMSpropRule) X(AdagradRule) X(AdadeltaRule)
