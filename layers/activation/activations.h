// Activations but ReLU (layers/relu.h): one number becomes another. Formulas:
// core/ops/activations.h.
#pragma once

#include "../../core/ops/activations.h"
#include "elementwise_activation.h"

namespace cuttle {

class Sigmoid : public ElementwiseActivation {
 public:
  Sigmoid();
};
class Tanh : public ElementwiseActivation {
 public:
  Tanh();
};
class Softsign : public ElementwiseActivation {
 public:
  Softsign();
};
class LogSigmoid : public ElementwiseActivation {
 public:
  LogSigmoid();
};

class ReLU6 : public ElementwiseActivation {
 public:
  explicit ReLU6(const ActivationOptions& options = {});
};
class SELU : public ElementwiseActivation {
 public:
  explicit SELU(const ActivationOptions& options = {});
};
class SiLU : public ElementwiseActivation {
 public:
  explicit SiLU(const ActivationOptions& options = {});
};
class Mish : public ElementwiseActivation {
 public:
  explicit Mish(const ActivationOptions& options = {});
};
class Hardswish : public ElementwiseActivation {
 public:
  explicit Hardswish(const ActivationOptions& options = {});
  std::string extra_repr() const override { return ""; }
};
class Hardsigmoid : public ElementwiseActivation {
 public:
  explicit Hardsigmoid(const ActivationOptions& options = {});
  std::string extra_repr() const override { return ""; }
};

/// LeakyReLU(0.2), LeakyReLU(0.2, {.inplace = true}).
class LeakyReLU : public ElementwiseActivation {
 public:
  explicit LeakyReLU(double negative_slope = 0.01, const ActivationOptions& options = {});
};
class ELU : public ElementwiseActivation {
 public:
  explicit ELU(double alpha = 1, const ActivationOptions& options = {});
};
class CELU : public ElementwiseActivation {
 public:
  /// Throws Error for alpha 0.
  explicit CELU(double alpha = 1, const ActivationOptions& options = {});
};
class Hardtanh : public ElementwiseActivation {
 public:
  /// Throws Error unless min_val < max_val.
  explicit Hardtanh(double min_val = -1, double max_val = 1, const ActivationOptions& options = {});
};
class Threshold : public ElementwiseActivation {
 public:
  Threshold(double threshold, double value, const ActivationOptions& options = {});
};
class Softplus : public ElementwiseActivation {
 public:
  explicit Softplus(double beta = 1, double threshold = 20);
};
class GELU : public ElementwiseActivation {
 public:
  explicit GELU(GeluApproximate approximate = GeluApproximate::none);
};

struct PReLUOptions {
  double init = 0.25;  // what the slopes start from
};

/// torch.nn.PReLU: slopes that are trained; weight (num_parameters), one for all or one a channel.
class PReLU : public Module {
 public:
  /// Throws Error for less than one parameter.
  explicit PReLU(int64_t num_parameters = 1, const PReLUOptions& options = {});

  Tensor forward(const Tensor& input) override { return prelu(input, weight); }
  std::string extra_repr() const override;

  Parameter& weight;
};

/// The base of activations along one dimension.
class ActivationAlong : public Module {
 public:
  std::string extra_repr() const override;

 protected:
  explicit ActivationAlong(int64_t dim) : dim_(dim) {}
  int64_t dim_;
};

class Softmax : public ActivationAlong {
 public:
  explicit Softmax(int64_t dim);
  Tensor forward(const Tensor& input) override { return softmax(input, dim_); }
};
class LogSoftmax : public ActivationAlong {
 public:
  explicit LogSoftmax(int64_t dim);
  Tensor forward(const Tensor& input) override { return log_softmax(input, dim_); }
};
class Softmin : public ActivationAlong {
 public:
  explicit Softmin(int64_t dim);
  Tensor forward(const Tensor& input) override { return softmin(input, dim_); }
};
class GLU : public ActivationAlong {
 public:
  explicit GLU(int64_t dim = -1);
  Tensor forward(const Tensor& input) override { return glu(input, dim_); }
};

}  // namespace cuttle
