// Dropout layers: active in training, identity in evaluation. What they compute:
// core/ops/dropout.h.
#pragma once

#include "../core/ops/dropout.h"
#include "module.h"

namespace cuttle {

struct DropoutOptions {
  bool inplace = false;
};

/// The base of all of them. Numbers come from the default generator of the input's device.
class DropoutLayer : public Module {
 public:
  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;

 protected:
  /// Throws Error for p outside of [0, 1].
  DropoutLayer(const char* name, DropoutKind kind, double p, const DropoutOptions& options);

 private:
  DropoutKind kind_;
  double p_;
  DropoutOptions options_;
};

/// torch.nn.Dropout: Dropout(0.5), Dropout(0.5, {.inplace = true}).
class Dropout : public DropoutLayer {
 public:
  explicit Dropout(double p = 0.5, const DropoutOptions& options = {});
};
class Dropout1d : public DropoutLayer {
 public:
  explicit Dropout1d(double p = 0.5, const DropoutOptions& options = {});
};
class Dropout2d : public DropoutLayer {
 public:
  explicit Dropout2d(double p = 0.5, const DropoutOptions& options = {});
};
class Dropout3d : public DropoutLayer {
 public:
  explicit Dropout3d(double p = 0.5, const DropoutOptions& options = {});
};
class AlphaDropout : public DropoutLayer {
 public:
  explicit AlphaDropout(double p = 0.5, const DropoutOptions& options = {});
};

}  // namespace cuttle
