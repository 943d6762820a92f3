// Derivatives of normalisation: statistics of the batch, of each slice, and given ones.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/normalization/batch_norm.h>
#include <cuttle/core/ops/normalization/group_norm.h>
#include <cuttle/core/ops/normalization/layer_norm.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

Tensor in_training(const Tensor& x, const Inputs& in, Activation activation = Activation::none) {
  return batch_norm(x, {.weight = in.size() > 1 ? in[1] : Tensor(),
                        .bias = in.size() > 2 ? in[2] : Tensor(),
                        .training = true,
                        .eps = 0.1,
                        .activation = activation});
}

Tensor in_evaluation(const Inputs& in, bool relu) {
  const TensorOptions like = {.dtype = float64, .device = in[0].device()};
  const Tensor mean = tensor({1.0, 1.5}, {2}, like), variance = tensor({0.5, 2.0}, {2}, like);
  const auto norm = relu ? batch_norm_relu : static_cast<decltype(&batch_norm_relu)>(batch_norm);
  return norm(in[0], mean, variance, in[1], in[2], false, 0.1, 1e-5);
}

const DerivativeCases cases({
    {"batch_norm", [](const Inputs& x) { return in_training(x[0], x); }, {{3, 2, 2}, {2}, {2}}},
    {"batch_norm of rows", [](const Inputs& x) { return in_training(x[0], x); }, {{4, 3}, {3}}},
    {"batch_norm channels last",
     [](const Inputs& x) { return in_training(x[0].contiguous(MemoryFormat::channels_last), x); },
     {{2, 2, 2, 2}, {2}, {2}}},
    {"batch_norm of a view",
     [](const Inputs& x) { return in_training(x[0].transpose(0, 1), x); },
     {{2, 3, 2}}},
    {"batch_norm relu",
     [](const Inputs& x) { return in_training(x[0], x, Activation::relu); },
     {{3, 2, 2}, {2}, {2}}},
    {"batch_norm evaluation",
     [](const Inputs& x) { return in_evaluation(x, false); },
     {{3, 2, 2}, {2}, {2}}},
    {"batch_norm evaluation relu",
     [](const Inputs& x) { return in_evaluation(x, true); },
     {{3, 2, 2}, {2}, {2}}},
    {"layer_norm",
     [](const Inputs& x) { return layer_norm(x[0], {4}, x[1], x[2], 0.1); },
     {{3, 4}, {4}, {4}}},
    {"layer_norm of two dimensions",
     [](const Inputs& x) {
       return layer_norm(x[0].transpose(1, 2), {2, 3}, x[1]);
     },
     {{2, 3, 2}, {2, 3}}},
    {"layer_norm alone", [](const Inputs& x) { return layer_norm(x[0], {4}); }, {{2, 4}}},
    {"rms_norm", [](const Inputs& x) { return rms_norm(x[0], {4}, x[1], 0.1); }, {{3, 4}, {4}}},
    {"group_norm",
     [](const Inputs& x) { return group_norm(x[0], 2, x[1], x[2]); },
     {{2, 4, 2}, {4}, {4}}},
    {"instance_norm",
     [](const Inputs& x) { return instance_norm(x[0], {}, {}, x[1], x[2], true, 0.1, 0.1); },
     {{2, 2, 3}, {2}, {2}}},
    {"local_response_norm",
     [](const Inputs& x) { return local_response_norm(x[0], 3, 0.5); },
     {{2, 4, 2}}},
});

}  // namespace
}  // namespace cuttle::test
