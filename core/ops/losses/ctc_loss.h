// Connectionist temporal classification: sequences of labels read off longer sequences of frames.
#pragma once

#include "../../tensor.h"
#include "loss_reduction.h"

namespace cuttle {

struct CTCLossOptions {
  int64_t blank = 0;  // the class between labels
  LossReduction reduction = LossReduction::mean;
  bool zero_infinity = false;  // loss and gradient 0 where no alignment fits, in place of ∞ and NaN
};

/// torch.nn.functional.ctc_loss: −log p of each target under all its alignments with the frames.
///   log_probs       (T, N, C), or (T, C) of one sample: logarithms of probabilities, as
///   log_softmax
///                   gives them; 16 bits are computed in float32
///   targets         int64 labels in [0, C) other than blank: (N, S), of which each row's first
///   count,
///                   or all of them one behind the other, (Σ target_lengths)
///   input_lengths, target_lengths  int64, (N) or, of one sample, (): at most T, at most S
/// Gives a scalar, or (N) with LossReduction::none; mean divides each loss by its target's length
/// (by 1 where that is 0) and takes the mean over the batch. The gradient is that by each number of
/// log_probs; it has no second derivative (backward(create_graph = true) through it throws).
/// Lengths on a GPU are waited for. Throws Error for shapes, dtypes and lengths that do not fit,
/// and for labels out of range on the CPU; on a GPU the loss is then NaN.
Tensor ctc_loss(const Tensor& log_probs, const Tensor& targets, const Tensor& input_lengths,
                const Tensor& target_lengths, const CTCLossOptions& options = {});

}  // namespace cuttle
