#include "ctc_loss.h"

#include "../../../kernels/ctc_loss.h"
#include "../../autograd/record.h"
#include "../../creation.h"
#include "../../dispatch.h"
#include "../arithmetic.h"
#include "../reduce.h"
#include "pointwise_loss.h"

namespace cuttle {
namespace {

constexpr std::string_view kName = "ctc_loss";

// A batch, its lists on the device of log_probs.
struct Batch {
  kernels::CtcShape shape;
  Tensor targets, starts, target_lengths, input_lengths;

  template <class T>
  kernels::CtcInputs<T> inputs(const Tensor& log_probs) const {
    return {.log_probs = log_probs.data<T>(),
            .targets = targets.data<int64_t>(),
            .starts = starts.data<int64_t>(),
            .target_lengths = target_lengths.data<int64_t>(),
            .input_lengths = input_lengths.data<int64_t>()};
  }
};

// The lengths of N samples on the host, each between 0 and `most`.
std::vector<int64_t> checked_lengths(const char* what, const Tensor& lengths, int64_t batch,
                                     int64_t most) {
  check_defined(kName, lengths);
  if (lengths.dtype() != int64 || lengths.numel() != batch || lengths.dim() > 1)
    fail(kName, ": expected ", batch, " ", what, " of dtype int64, got ", lengths.dtype(), " ",
         lengths.shape());
  const auto values = lengths.to_vector<int64_t>();
  for (const int64_t value : values)
    if (value < 0 || value > most)
      fail(kName, ": ", what, " must lie in [0, ", most, "], got ", value);
  return values;
}

void check_labels(const Batch& batch, const std::vector<int64_t>& starts,
                  const std::vector<int64_t>& lengths) {
  if (!batch.targets.is_cpu()) return;
  const auto* labels = batch.targets.data<int64_t>();
  for (size_t n = 0; n < starts.size(); ++n)
    for (int64_t i = starts[n]; i < starts[n] + lengths[n]; ++i)
      if (labels[i] < 0 || labels[i] >= batch.shape.classes || labels[i] == batch.shape.blank)
        fail(kName, ": the target ", labels[i], " is out of range for ", batch.shape.classes,
             " classes; it must be in [0, ", batch.shape.classes, ") and not the blank ",
             batch.shape.blank);
}

// x: log_probs (T, N, C).
Batch make_batch(const Tensor& x, const Tensor& targets, const Tensor& input_lengths,
                 const Tensor& target_lengths, const CTCLossOptions& options) {
  Batch batch;
  kernels::CtcShape& shape = batch.shape;
  shape = {.frames = x.size(0), .batch = x.size(1), .classes = x.size(2)};
  shape.blank = options.blank, shape.zero_infinity = options.zero_infinity;
  if (options.blank < 0 || options.blank >= shape.classes)
    fail(kName, ": the blank must be one of the ", shape.classes, " classes, got ", options.blank);
  if (targets.dtype() != int64 || targets.dim() < 1 || targets.dim() > 2 ||
      (targets.dim() == 2 && targets.size(0) != shape.batch))
    fail(kName, ": expected targets of dtype int64 and shape (", shape.batch,
         ", S) or (sum of lengths), got ", targets.dtype(), " ", targets.shape());
  const bool padded = targets.dim() == 2;
  const auto lengths = checked_lengths("target_lengths", target_lengths, shape.batch,
                                       padded ? targets.size(1) : targets.numel());
  checked_lengths("input_lengths", input_lengths, shape.batch, shape.frames);
  std::vector<int64_t> starts;
  int64_t sum = 0;
  for (size_t n = 0; n < lengths.size(); ++n) {
    starts.push_back(padded ? static_cast<int64_t>(n) * targets.size(1) : sum);
    sum += lengths[n];
    shape.longest = std::max(shape.longest, lengths[n]);
  }
  if (!padded && sum != targets.numel())
    fail(kName, ": the target_lengths add up to ", sum, ", but there are ", targets.numel(),
         " targets");
  const auto on_its_device = [&](const Tensor& list) {
    return list.reshape({shape.batch}).to(x.device()).contiguous();
  };
  batch.targets = targets.contiguous();
  batch.starts = tensor(starts, {shape.batch}).to(x.device());
  batch.target_lengths = on_its_device(target_lengths);
  batch.input_lengths = on_its_device(input_lengths);
  check_labels(batch, starts, lengths);
  return batch;
}

// The losses (N) of x (T, N, C).
Tensor losses_of(const Batch& batch, const Tensor& x) {
  const kernels::CtcShape& shape = batch.shape;
  const TensorOptions doubles{.dtype = float64, .device = x.device()};
  Tensor loss = empty({shape.batch}, {.dtype = x.dtype(), .device = x.device()});
  Tensor alpha = empty({shape.batch, shape.frames, shape.states()}, doubles);
  Tensor log_p = empty({shape.batch}, doubles);
  dispatch_float_double(kName, x.dtype(), [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      kernels::ctc_loss_forward(stream, shape, batch.inputs<T>(x), alpha.data<double>(),
                                log_p.data<double>(), loss.data<T>());
    });
  });
  return record_once(
      kName, loss, {x},
      [batch, alpha, log_p, kept = save(x)](const Tensor& gradient,
                                            const NeededInputs&) -> std::vector<Tensor> {
        const Tensor log_probs = kept.get(), dloss = gradient.contiguous();
        Tensor dx =
            empty(log_probs.shape(), {.dtype = log_probs.dtype(), .device = log_probs.device()});
        Tensor beta = empty(alpha.shape(), {.dtype = float64, .device = dx.device()});
        dispatch_float_double(kName, dx.dtype(), [&]<class T>() {
          on_device(dx.device(), [&](auto stream) {
            kernels::ctc_loss_backward(stream, batch.shape, batch.inputs<T>(log_probs),
                                       alpha.data<double>(), log_p.data<double>(), dloss.data<T>(),
                                       beta.data<double>(), dx.data<T>());
          });
        });
        return {dx};
      });
}

}  // namespace

Tensor ctc_loss(const Tensor& log_probs, const Tensor& targets, const Tensor& input_lengths,
                const Tensor& target_lengths, const CTCLossOptions& options) {
  check_defined(kName, log_probs);
  check_defined(kName, targets);
  check_same_device(kName, {&log_probs, &targets});
  if (!is_floating_point(log_probs.dtype()) || (log_probs.dim() != 3 && log_probs.dim() != 2))
    fail(kName, ": expected log_probs of a floating dtype and shape (T, N, C) or (T, C), got ",
         log_probs.dtype(), " ", log_probs.shape());
  if (is_half(log_probs))
    return ctc_loss(log_probs.to(float32), targets, input_lengths, target_lengths, options)
        .to(log_probs.dtype());
  const bool single = log_probs.dim() == 2;
  const Tensor x = (single ? log_probs.unsqueeze(1) : log_probs).contiguous();
  const Batch batch = make_batch(x, targets, input_lengths, target_lengths, options);
  Tensor loss = losses_of(batch, x);
  if (options.reduction == LossReduction::mean)
    loss = loss / clamp(batch.target_lengths, 1).to(loss.dtype());
  return reduced(single ? loss.squeeze(0) : loss, options.reduction);
}

}  // namespace cuttle
