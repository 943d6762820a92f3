// Dropout: random elements, or whole channels, become zero in training.
#pragma once

#include <optional>

#include "../generator.h"
#include "../tensor.h"

namespace cuttle {

// All return x itself where `training` is false or p is 0. Otherwise each element (or channel) is
// dropped with probability p, independently of the others, and what is kept is scaled by 1 / (1 −
// p), so that the mean stays (Srivastava et al. 2014). One kernel in each direction; no mask is
// stored: the gradient draws the same numbers again, from where in the generator's stream they
// started, also when captured work is replayed. Numbers come from Philox, the same bits on every
// device: from the device's generator; where that is the CPU's Twister, from a seed that is drawn
// from it. Derivatives of every order. Floating dtypes; all throw Error for others and for p
// outside of [0, 1].

Tensor dropout(const Tensor& x, double p = 0.5, bool training = true,
               const std::optional<Generator>& generator = {});
/// Writes into x; the rules of other in-place operations hold.
Tensor& dropout_(Tensor& x, double p = 0.5, bool training = true,
                 const std::optional<Generator>& generator = {});

/// Whole channels of (N, C, L) or (C, L); Error for other shapes.
Tensor dropout1d(const Tensor& x, double p = 0.5, bool training = true,
                 const std::optional<Generator>& generator = {});
/// Of (N, C, H, W); three dimensions are (N, C, L), as in PyTorch.
Tensor dropout2d(const Tensor& x, double p = 0.5, bool training = true,
                 const std::optional<Generator>& generator = {});
/// Of (N, C, D, H, W) or (C, D, H, W).
Tensor dropout3d(const Tensor& x, double p = 0.5, bool training = true,
                 const std::optional<Generator>& generator = {});

/// What is dropped becomes selu's lower bound, and then all is scaled and shifted so that mean 0
/// and variance 1 stay (Klambauer et al. 2017).
Tensor alpha_dropout(const Tensor& x, double p = 0.5, bool training = true,
                     const std::optional<Generator>& generator = {});

/// What the functions above are made of, for layers.
enum class DropoutKind { elements, channels1d, channels2d, channels3d, alpha };
Tensor dropout(DropoutKind kind, const Tensor& x, double p, bool training,
               const std::optional<Generator>& generator = {});
Tensor& dropout_(DropoutKind kind, Tensor& x, double p, bool training,
                 const std::optional<Generator>& generator = {});

}  // namespace cuttle
