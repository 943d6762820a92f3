// CTCLoss: sequences of labels read off longer sequences of frames.
#pragma once

#include "../../core/ops/losses/ctc_loss.h"
#include "../module.h"

namespace cuttle {

/// torch.nn.CTCLoss. Shapes, options and errors: core/ops/losses/ctc_loss.h.
class CTCLoss : public Module {
 public:
  explicit CTCLoss(const CTCLossOptions& options = {}) : options_(options) {
    constructed_from<CTCLoss>(options);
  }

  using Module::forward;
  virtual Tensor forward(const Tensor& log_probs, const Tensor& targets,
                         const Tensor& input_lengths, const Tensor& target_lengths);
  Tensor operator()(const Tensor& log_probs, const Tensor& targets, const Tensor& input_lengths,
                    const Tensor& target_lengths) {
    return call([this](const Tensor& x, const Tensor& y, const Tensor& frames,
                       const Tensor& labels) { return forward(x, y, frames, labels); },
                log_probs, targets, input_lengths, target_lengths);
  }

 private:
  CTCLossOptions options_;
};

}  // namespace cuttle
