// What becomes of the losses of a batch.
#pragma once

namespace cuttle::kernels {

enum class LossReduction { none, mean, sum };

}  // namespace cuttle::kernels
