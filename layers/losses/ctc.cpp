// CTCLoss calls its function.
#include "ctc.h"

namespace cuttle {

Tensor CTCLoss::forward(const Tensor& log_probs, const Tensor& targets, const Tensor& input_lengths,
                        const Tensor& target_lengths) {
  return ctc_loss(log_probs, targets, input_lengths, target_lengths, options_);
}

}  // namespace cuttle
