// Initialisers: they fill a tensor in place, with PyTorch's values where the generator has
// PyTorch's seed. Values are drawn in row-major order of the logical shape, however the tensor is
// laid out.
#pragma once

#include "../core/generator.h"
#include "../core/tensor.h"

namespace cuttle::init {

/// How many inputs and outputs an element of the result depends on: for a weight (O, I, …) the
/// product of the sizes behind the first two, times I and times O.
struct Fan {
  int64_t in = 0, out = 0;
};
/// Throws Error for fewer than two dimensions.
Fan calculate_fan_in_and_fan_out(const Tensor& tensor);

enum class FanMode { fan_in, fan_out };
enum class Nonlinearity { linear, sigmoid, tanh, relu, leaky_relu, selu };

/// The factor by which a standard deviation should be larger to survive the nonlinearity; `slope`
/// is that of leaky_relu for negative values: √(2 / (1 + slope²)).
double calculate_gain(Nonlinearity nonlinearity, double slope = 0.01);

// All take a handle, so a view fills a part of a tensor. They record nothing on the tape and throw
// Error for integer tensors.
void constant_(Tensor tensor, double value);
void zeros_(Tensor tensor);
void ones_(Tensor tensor);
/// Uniform on [low, high).
void uniform_(Tensor tensor, double low = 0, double high = 1,
              Generator& generator = default_generator());
void normal_(Tensor tensor, double mean = 0, double stddev = 1,
             Generator& generator = default_generator());
/// Uniform on ±gain · √(3 / fan) (He et al. 2015, "Delving Deep into Rectifiers"); `a` is the slope
/// of leaky_relu.
void kaiming_uniform_(Tensor tensor, double a = 0, FanMode mode = FanMode::fan_in,
                      Nonlinearity nonlinearity = Nonlinearity::leaky_relu,
                      Generator& generator = default_generator());

/// What PyTorch's Linear and Conv2d start from: weight kaiming_uniform_(a = √5), then bias (where
/// defined) uniform on ±1 / √fan_in of the weight.
void default_weight_and_bias_(const Tensor& weight, const Tensor& bias);

}  // namespace cuttle::init
