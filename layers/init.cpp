// Initialisers: bounds in double as Python computes them, values drawn on the CPU.
#include "init.h"

#include <cmath>

#include "../core/autograd/grad_mode.h"
#include "../core/creation.h"
#include "../core/ops/arithmetic.h"
#include "../core/warning.h"

namespace cuttle::init {
namespace {

/// Fills a row-major CPU tensor by draw(span), then copies it into place.
template <class Draw>
void fill_by(std::string_view op, Tensor& tensor, const Draw& draw) {
  dispatch_floating(op, tensor.dtype(), [&]<class T>() {
    const NoGradGuard no_grad;
    const Tensor drawn = empty(tensor.shape(), {.dtype = tensor.dtype()});
    draw(std::span<T>(drawn.data<T>(), static_cast<size_t>(drawn.numel())));
    tensor.copy_(drawn);
  });
}

}  // namespace

Fan calculate_fan_in_and_fan_out(const Tensor& tensor) {
  const Shape& shape = tensor.shape();
  if (shape.size() < 2)
    fail("calculate_fan_in_and_fan_out: expected at least 2 dimensions (O, I, …), got shape ",
         shape);
  int64_t receptive_field = 1;
  for (int d = 2; d < shape.size(); ++d) receptive_field *= shape[d];
  return {.in = shape[1] * receptive_field, .out = shape[0] * receptive_field};
}

double calculate_gain(Nonlinearity nonlinearity, double slope) {
  switch (nonlinearity) {
    case Nonlinearity::linear:
    case Nonlinearity::sigmoid:
      return 1;
    case Nonlinearity::tanh:
      return 5.0 / 3;
    case Nonlinearity::relu:
      return std::sqrt(2.0);
    case Nonlinearity::leaky_relu:
      return std::sqrt(2.0 / (1 + slope * slope));
    case Nonlinearity::selu:
      return 0.75;
  }
  fail("calculate_gain: unknown nonlinearity ", static_cast<int>(nonlinearity));
}

void constant_(Tensor tensor, double value) {
  const NoGradGuard no_grad;
  tensor.fill_(value);
}

void zeros_(Tensor tensor) {
  constant_(std::move(tensor), 0);
}

void ones_(Tensor tensor) {
  constant_(std::move(tensor), 1);
}

void uniform_(Tensor tensor, double low, double high, Generator& generator) {
  if (!(low <= high)) fail("uniform_: expected low <= high, got ", low, " and ", high);
  fill_by("uniform_", tensor, [&](auto values) { generator.uniform(values, low, high); });
}

void normal_(Tensor tensor, double mean, double stddev, Generator& generator) {
  if (!(stddev >= 0)) fail("normal_: expected a standard deviation of 0 or more, got ", stddev);
  fill_by("normal_", tensor, [&](auto values) { generator.normal(values, mean, stddev); });
}

void trunc_normal_(Tensor tensor, double mean, double stddev, double a, double b,
                   Generator& generator) {
  if (!(a <= b && stddev > 0))
    fail("trunc_normal_: expected a <= b and a positive standard deviation, got ", a, ", ", b,
         " and ", stddev);
  if (mean < a - 2 * stddev || mean > b + 2 * stddev)
    warn(
        "trunc_normal_: the mean lies more than two standard deviations outside of [a, b]; the "
        "distribution may be wrong");
  const auto probability = [&](double bound) {
    return (1 + std::erf((bound - mean) / stddev / std::sqrt(2.0))) / 2;
  };
  const NoGradGuard no_grad;
  Tensor values = empty(tensor.shape(), {.dtype = tensor.dtype()});
  uniform_(values, 2 * probability(a) - 1, 2 * probability(b) - 1, generator);
  values.erfinv_().mul_(stddev * std::sqrt(2.0)).add_(mean).clamp_(a, b);
  tensor.copy_(values);
}

namespace {

double xavier_stddev(const Tensor& tensor, double gain) {
  const Fan fan = calculate_fan_in_and_fan_out(tensor);
  return gain * std::sqrt(2.0 / static_cast<double>(fan.in + fan.out));
}

double kaiming_stddev(const Tensor& tensor, double a, FanMode mode, Nonlinearity nonlinearity) {
  const Fan fan = calculate_fan_in_and_fan_out(tensor);
  return calculate_gain(nonlinearity, a) /
         std::sqrt(static_cast<double>(mode == FanMode::fan_in ? fan.in : fan.out));
}

}  // namespace

void xavier_uniform_(Tensor tensor, double gain, Generator& generator) {
  const double bound = std::sqrt(3.0) * xavier_stddev(tensor, gain);
  if (tensor.numel() > 0) uniform_(std::move(tensor), -bound, bound, generator);
}

void xavier_normal_(Tensor tensor, double gain, Generator& generator) {
  const double stddev = xavier_stddev(tensor, gain);
  if (tensor.numel() > 0) normal_(std::move(tensor), 0, stddev, generator);
}

void kaiming_uniform_(Tensor tensor, double a, FanMode mode, Nonlinearity nonlinearity,
                      Generator& generator) {
  const double bound = std::sqrt(3.0) * kaiming_stddev(tensor, a, mode, nonlinearity);
  if (tensor.numel() > 0)  // else fan may be 0
    uniform_(std::move(tensor), -bound, bound, generator);
}

void kaiming_normal_(Tensor tensor, double a, FanMode mode, Nonlinearity nonlinearity,
                     Generator& generator) {
  const double stddev = kaiming_stddev(tensor, a, mode, nonlinearity);
  if (tensor.numel() > 0) normal_(std::move(tensor), 0, stddev, generator);
}

void default_weight_and_bias_(const Tensor& weight, const Tensor& bias) {
  kaiming_uniform_(weight, std::sqrt(5.0));
  if (!bias.defined()) return;
  const int64_t fan_in = calculate_fan_in_and_fan_out(weight).in;
  const double bound = fan_in > 0 ? 1 / std::sqrt(static_cast<double>(fan_in)) : 0;
  uniform_(bias, -bound, bound);
}

}  // namespace cuttle::init
