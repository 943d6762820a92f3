// What normalisation says of inputs, tensors and options that do not fit.
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/normalization/group_norm.h>
#include <cuttle/core/ops/normalization/layer_norm.h>
#include <cuttle/layers/normalization/batch_norm.h>
#include <cuttle/layers/normalization/group_norm.h>
#include <cuttle/layers/normalization/instance_norm.h>
#include <cuttle/layers/normalization/layer_norm.h>

#include "layers/models.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class NormalizationErrors : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(NormalizationErrors);

TEST_P(NormalizationErrors, NameWhatIsWrong) {
  const auto message = [](const auto& f) { return error_of([&] { (void)f(); }); };
  BatchNorm2d norm(3);
  norm.to(device());
  const auto zeros_of = [&](const Shape& shape) { return zeros(shape, {.device = device()}); };
  EXPECT_EQ(message([&] {
              return norm(zeros_of({1, 3, 1, 1}));
            }),
            "BatchNorm2d: batch_norm: expected more than 1 value per channel when training, got an "
            "input of shape [1, 3, 1, 1]; use a larger batch, or eval()");
  EXPECT_EQ(norm.num_batches_tracked.item<int64_t>(), 0);
  EXPECT_EQ(message([&] {
              return norm(zeros_of({2, 4, 1, 1}));
            }),
            "BatchNorm2d: batch_norm: expected 3 channels, got 4 (input [2, 4, 1, 1])");
  EXPECT_EQ(message([&] {
              return norm(zeros_of({3, 2, 2}));
            }),
            "BatchNorm2d: batch_norm: BatchNorm2d takes an input of shape (N, C, H, W), got "
            "[3, 2, 2]; a single image needs .unsqueeze(0)");
  EXPECT_EQ(message([&] {
              return batch_norm(zeros_of({3, 2}), {}, {});
            }),
            "batch_norm: evaluation needs running_mean and running_var; with `training` the "
            "statistics are those of the batch");
  EXPECT_EQ(message([&] { return batch_norm(zeros_of({3}), {}, {}, {}, {}, true); }),
            "batch_norm: expected an input of shape (N, C, …), got [3]");
  EXPECT_EQ(message([&] {
              return batch_norm(zeros_of({3, 2}), {}, {}, zeros_of({3}), {}, true);
            }),
            "batch_norm: the weight must have shape [2], got [3] (input [3, 2])");
  EXPECT_EQ(message([&] {
              return batch_norm(zeros_of({3, 2}), zeros_of({2}), {}, {}, {}, true);
            }),
            "batch_norm: running_mean and running_var come together, got one without the other");
  EXPECT_EQ(message([&] {
              return layer_norm(zeros_of({3, 2}), {3});
            }),
            "layer_norm: the input's last dimensions must be [3], got an input of shape [3, 2]");
  EXPECT_EQ(
      message([&] {
        return layer_norm(zeros_of({3, 2}).to(int64), {2});
      }),
      "layer_norm: expected a floating dtype, got int64; convert first, with .to(float32) for "
      "example");
  EXPECT_EQ(message([&] {
              return layer_norm(zeros_of({3, 2}), {});
            }),
            "layer_norm: normalized_shape must name at least one dimension, such as {2}");
  EXPECT_EQ(message([&] {
              return layer_norm(zeros_of({2}), {2}, zeros_of({2}).to(float64));
            }).substr(0, 49),
            "layer_norm: all tensors must have one dtype, got ");
  EXPECT_EQ(message([&] {
              return group_norm(zeros_of({2, 4, 1}), 3);
            }),
            "group_norm: num_groups must divide the channels, got 3 groups and 4 channels (input "
            "[2, 4, 1])");
  EXPECT_EQ(message([&] {
              return group_norm(zeros_of({1, 4, 1}), 4);
            }),
            "group_norm: expected more than 1 value per group, got an input of shape [1, 4, 1] and "
            "4 groups");
  EXPECT_EQ(message([&] {
              return instance_norm(zeros_of({2, 4, 1}));
            }),
            "instance_norm: expected more than 1 value per channel, got an input of shape "
            "[2, 4, 1]");
  EXPECT_EQ(message([&] {
              return local_response_norm(zeros_of({2, 4, 1}), 0);
            }),
            "local_response_norm: the size must be at least 1, got 0");
  EXPECT_EQ(message([&] { return rms_norm(Tensor(), {2}); }),
            "rms_norm: got an undefined tensor; was a default-constructed Tensor never assigned?");
}

TEST(NormalizationLayers, RefuseBadOptions) {
  EXPECT_EQ(error_of([] { BatchNorm1d norm(0); }),
            "BatchNorm1d: num_features must be at least 1, got 0");
  EXPECT_EQ(error_of([] { InstanceNorm2d norm(2, {.eps = -1}); }),
            "InstanceNorm2d: eps cannot be negative, got -1");
  EXPECT_EQ(error_of([] { GroupNorm norm(3, 4); }),
            "GroupNorm: num_groups must divide num_channels, got 3 and 4");
  EXPECT_EQ(error_of([] { LayerNorm norm(Shape{}); }),
            "LayerNorm: normalized_shape must name at least one dimension");
  EXPECT_EQ(error_of([] { LocalResponseNorm norm(0); }),
            "LocalResponseNorm: the size must be at least 1, got 0");
  EXPECT_EQ(error_of([] { (void)InstanceNorm1d(2)(zeros({2})); }).substr(0, 30),
            "InstanceNorm1d: instance_norm:");
}

}  // namespace
}  // namespace cuttle::test
