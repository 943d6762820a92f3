// LossReduction: whether a loss is given as it is, as its mean or as its sum.
#pragma once

#include "../../../kernels/loss_reduction.h"

namespace cuttle {

using kernels::LossReduction;

}  // namespace cuttle
