// Linear recurrences, for the files of this folder.
#pragma once

#include "../tensor.h"

namespace cuttle {

/// out[k] = f[k] · out[k − 1] + t[k] along dimension d or, with `reverse`, out[k] = f[k + 1] ·
/// out[k + 1] + t[k]; f[0] is not used. Of one shape and floating dtype. Differentiable as often as
/// one likes. With 0 and 1 as factors it sums up stretches.
Tensor linear_recurrence(const Tensor& f, const Tensor& t, int d, bool reverse);

}  // namespace cuttle
