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
/// Normal, cut to [a, b]: what uniform numbers between the bounds' probabilities are quantiles of.
/// Warns where the mean lies more than two standard deviations outside. Throws Error unless a <= b
/// and stddev > 0.
void trunc_normal_(Tensor tensor, double mean = 0, double stddev = 1, double a = -2, double b = 2,
                   Generator& generator = default_generator());

// Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural
// networks": variance gain² · 2 / (fan_in + fan_out).
void xavier_uniform_(Tensor tensor, double gain = 1, Generator& generator = default_generator());
void xavier_normal_(Tensor tensor, double gain = 1, Generator& generator = default_generator());
/// Uniform on ±gain · √(3 / fan) (He et al. 2015, "Delving Deep into Rectifiers"); `a` is the slope
/// of leaky_relu.
void kaiming_uniform_(Tensor tensor, double a = 0, FanMode mode = FanMode::fan_in,
                      Nonlinearity nonlinearity = Nonlinearity::leaky_relu,
                      Generator& generator = default_generator());
/// Normal with the standard deviation gain / √fan.
void kaiming_normal_(Tensor tensor, double a = 0, FanMode mode = FanMode::fan_in,
                     Nonlinearity nonlinearity = Nonlinearity::leaky_relu,
                     Generator& generator = default_generator());

// Matrices (init_matrices.cpp).
/// 1 on the main diagonal, else 0. Throws Error unless there are two dimensions.
void eye_(Tensor tensor);
/// A convolution's weight (O, I, …) of three to five dimensions that hands channels on: 1 in the
/// middle of the window where output i of a group meets input i, else 0. Throws Error for other
/// ranks, and where `groups` does not divide O.
void dirac_(Tensor tensor, int64_t groups = 1);
/// gain times a matrix (O, all else) with orthonormal rows or columns, whichever are fewer, uniform
/// among such (Saxe et al. 2013): Q of a normal matrix, with R's diagonal positive, by Householder
/// reflections in double. Throws Error for fewer than two dimensions.
void orthogonal_(Tensor tensor, double gain = 1, Generator& generator = default_generator());
/// Normal numbers, of which the fraction `sparsity`, rounded up, of each column of a matrix is 0
/// (Martens 2010). Throws Error unless there are two dimensions and sparsity lies in [0, 1].
void sparse_(Tensor tensor, double sparsity, double stddev = 0.01,
             Generator& generator = default_generator());

/// What PyTorch's Linear and Conv2d start from: weight kaiming_uniform_(a = √5), then bias (where
/// defined) uniform on ±1 / √fan_in of the weight.
void default_weight_and_bias_(const Tensor& weight, const Tensor& bias);

}  // namespace cuttle::init
