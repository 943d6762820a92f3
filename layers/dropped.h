// Dropout between the parts of composite layers.
#pragma once

#include "../core/ops/arithmetic.h"
#include "../core/tensor.h"

namespace cuttle {

/// x with each element 0 with probability p, and else divided by 1 − p.
inline Tensor dropped(const Tensor& x, double p) {
  if (p == 0) return x;
  if (p == 1) return x * 0;
  return x * x.detach().bernoulli(1 - p).mul_(1 / (1 - p));
}

}  // namespace cuttle
