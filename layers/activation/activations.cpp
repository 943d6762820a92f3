// Activations: which row of the elementwise table each is, and how its parameters are printed.
#include "activations.h"

#include "../../core/creation.h"
#include "../../core/ops/elementwise_run.h"
#include "../printed_number.h"
#include "../relu.h"

namespace cuttle {

using kernels::Elementwise;

Tensor ElementwiseActivation::forward(const Tensor& input) {
  if (!options_.inplace) return elementwise<1>(row_, {input}, parameters_);
  Tensor output = input;
  return elementwise_in_place<1>(row_, output, {input}, parameters_);
}

std::string ElementwiseActivation::extra_repr() const {
  if (!options_.inplace) return printed_;
  return printed_ + (printed_.empty() ? "" : ", ") + "inplace=True";
}

Sigmoid::Sigmoid() : ElementwiseActivation(Elementwise::sigmoid) {}
Tanh::Tanh() : ElementwiseActivation(Elementwise::tanh) {}
Softsign::Softsign() : ElementwiseActivation(Elementwise::softsign) {}
LogSigmoid::LogSigmoid() : ElementwiseActivation(Elementwise::logsigmoid) {}

ReLU::ReLU(const ActivationOptions& options)
    : ElementwiseActivation(Elementwise::relu, {}, "", options) {
  constructed_from<ReLU>(options);
}
ReLU6::ReLU6(const ActivationOptions& options)
    : ElementwiseActivation(Elementwise::hardtanh, {0, 6}, "", options) {
  constructed_from<ReLU6>(options);
}
SELU::SELU(const ActivationOptions& options)
    : ElementwiseActivation(Elementwise::elu, {kSeluAlpha, kSeluScale, 1.0}, "", options) {
  constructed_from<SELU>(options);
}
SiLU::SiLU(const ActivationOptions& options)
    : ElementwiseActivation(Elementwise::silu, {}, "", options) {
  constructed_from<SiLU>(options);
}
Mish::Mish(const ActivationOptions& options)
    : ElementwiseActivation(Elementwise::mish, {}, "", options) {
  constructed_from<Mish>(options);
}
Hardswish::Hardswish(const ActivationOptions& options)
    : ElementwiseActivation(Elementwise::hardswish, {}, "", options) {
  constructed_from<Hardswish>(options);
}
Hardsigmoid::Hardsigmoid(const ActivationOptions& options)
    : ElementwiseActivation(Elementwise::hardsigmoid, {}, "", options) {
  constructed_from<Hardsigmoid>(options);
}

LeakyReLU::LeakyReLU(double negative_slope, const ActivationOptions& options)
    : ElementwiseActivation(Elementwise::leaky_relu, {negative_slope},
                            "negative_slope=" + printed_number(negative_slope), options) {
  constructed_from<LeakyReLU>(negative_slope, options);
}
ELU::ELU(double alpha, const ActivationOptions& options)
    : ElementwiseActivation(Elementwise::elu, {alpha, 1.0, 1.0}, "alpha=" + printed_number(alpha),
                            options) {
  constructed_from<ELU>(alpha, options);
}
CELU::CELU(double alpha, const ActivationOptions& options)
    : ElementwiseActivation(Elementwise::elu, {alpha, 1.0, 1 / alpha},
                            "alpha=" + printed_number(alpha), options) {
  if (alpha == 0) fail("CELU: alpha must not be 0, for the input is divided by it");
  constructed_from<CELU>(alpha, options);
}
Hardtanh::Hardtanh(double min_val, double max_val, const ActivationOptions& options)
    : ElementwiseActivation(
          Elementwise::hardtanh, {min_val, max_val},
          "min_val=" + printed_number(min_val) + ", max_val=" + printed_number(max_val), options) {
  if (!(min_val < max_val))
    fail("Hardtanh: min_val must be less than max_val, got ", min_val, " and ", max_val);
  constructed_from<Hardtanh>(min_val, max_val, options);
}
Threshold::Threshold(double threshold, double value, const ActivationOptions& options)
    : ElementwiseActivation(
          Elementwise::threshold, {threshold, value},
          "threshold=" + printed_number(threshold) + ", value=" + printed_number(value), options) {
  constructed_from<Threshold>(threshold, value, options);
}
Softplus::Softplus(double beta, double threshold)
    : ElementwiseActivation(
          Elementwise::softplus, {beta, threshold},
          "beta=" + printed_number(beta) + ", threshold=" + printed_number(threshold)) {
  constructed_from<Softplus>(beta, threshold);
}
GELU::GELU(GeluApproximate approximate)
    : ElementwiseActivation(
          approximate == GeluApproximate::tanh ? Elementwise::gelu_tanh : Elementwise::gelu, {},
          approximate == GeluApproximate::tanh ? "approximate='tanh'" : "approximate='none'") {
  constructed_from<GELU>(approximate);
}

namespace {

Tensor slopes(int64_t count, double value) {
  if (count < 1) fail("PReLU: num_parameters must be at least 1, got ", count);
  return full({count}, value, {.dtype = float32});
}

}  // namespace

PReLU::PReLU(int64_t num_parameters, const PReLUOptions& options)
    : weight(register_parameter("weight", slopes(num_parameters, options.init))) {
  constructed_from<PReLU>(num_parameters, options);
}

std::string PReLU::extra_repr() const {
  return "num_parameters=" + std::to_string(weight.numel());
}

std::string ActivationAlong::extra_repr() const {
  return "dim=" + std::to_string(dim_);
}

Softmax::Softmax(int64_t dim) : ActivationAlong(dim) {
  constructed_from<Softmax>(dim);
}
LogSoftmax::LogSoftmax(int64_t dim) : ActivationAlong(dim) {
  constructed_from<LogSoftmax>(dim);
}
Softmin::Softmin(int64_t dim) : ActivationAlong(dim) {
  constructed_from<Softmin>(dim);
}
GLU::GLU(int64_t dim) : ActivationAlong(dim) {
  constructed_from<GLU>(dim);
}

}  // namespace cuttle
