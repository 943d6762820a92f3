// Linear: y = x · weightᵀ + bias.
#pragma once

#include "module.h"

namespace cuttle {

struct LinearOptions {
  bool bias = true;
};

/// torch.nn.Linear: input (…, in_features), gives (…, out_features). weight (out_features,
/// in_features) and bias (out_features) start uniform on ±1 / √in_features, PyTorch's values.
class Linear : public Module {
 public:
  /// Throws Error for negative sizes.
  Linear(int64_t in_features, int64_t out_features, const LinearOptions& options = {});

  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;
  /// Draws the initial values anew.
  void reset_parameters();

  Parameter& weight;
  Parameter& bias;  // undefined without
};

}  // namespace cuttle
