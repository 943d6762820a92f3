// Tensors as pictures, laid out as torch.utils.tensorboard does.
#pragma once

#include <string_view>

#include "../../core/tensor.h"

namespace cuttle::tensorboard {

/// uint8 (H, W, C) on the CPU with C of 3 or 4, of a tensor whose dimensions `dataformats` names:
/// "CHW", "HWC", "HW", "NCHW", "NHWC", or another order of these letters. Floating-point values are
/// taken as 0…1 and cut to that (NaN is black), bool as black and white, uint8 as it is. Several
/// images stand in rows of eight; grey ones become RGB. Throws Error naming `function`.
Tensor picture_of(std::string_view function, const Tensor& image, std::string_view dataformats);

}  // namespace cuttle::tensorboard
