// Initialisers: bounds in double as Python computes them, values drawn on the CPU.
#include "init.h"

#include <cmath>

#include "../core/autograd/grad_mode.h"
#include "../core/creation.h"

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

void kaiming_uniform_(Tensor tensor, double a, FanMode mode, Nonlinearity nonlinearity,
                      Generator& generator) {
  const Fan fan = calculate_fan_in_and_fan_out(tensor);
  if (tensor.numel() == 0) return;  // nothing to draw, and fan may be 0
  const double stddev = calculate_gain(nonlinearity, a) /
                        std::sqrt(static_cast<double>(mode == FanMode::fan_in ? fan.in : fan.out));
  const double bound = std::sqrt(3.0) * stddev;
  uniform_(std::move(tensor), -bound, bound, generator);
}

void default_weight_and_bias_(const Tensor& weight, const Tensor& bias) {
  kaiming_uniform_(weight, std::sqrt(5.0));
  if (!bias.defined()) return;
  const int64_t fan_in = calculate_fan_in_and_fan_out(weight).in;
  const double bound = fan_in > 0 ? 1 / std::sqrt(static_cast<double>(fan_in)) : 0;
  uniform_(bias, -bound, bound);
}

}  // namespace cuttle::init
