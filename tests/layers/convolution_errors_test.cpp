// What the convolution layers refuse, and how they say it; the names of their state; what halves,
// views and empty batches give. (conv2d itself: tests/core/errors_test.cpp.)
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/convolution.h>
#include <cuttle/layers/convolution/conv1d.h>
#include <cuttle/layers/convolution/conv2d.h>
#include <cuttle/layers/convolution/conv3d.h>
#include <cuttle/layers/convolution/conv_transpose.h>

#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

TEST(ConvolutionErrors, LayersNameThemselves) {
  EXPECT_EQ(error_of([] { Conv1d(3, 4, 0); }), "Conv1d: kernel_size must be at least 1, got (0,)");
  EXPECT_EQ(error_of([] {
              Conv3d(3, 4, 3, {.stride = {1, 0, 1}});
            }),
            "Conv3d: stride must be at least 1, got (1, 0, 1)");
  EXPECT_EQ(error_of([] { ConvTranspose2d(3, 4, 3, {.groups = 2}); }),
            "ConvTranspose2d: groups must divide the channels, got in_channels 3, out_channels 4 "
            "and groups 2");
  EXPECT_EQ(error_of([] { ConvTranspose1d(3, 4, 3, {.output_padding = -1}); }),
            "ConvTranspose1d: output_padding must be at least 0, got (-1,)");
  EXPECT_EQ(error_of([] { Conv2d(3, 4, 3, {.stride = 2, .padding = "same"}); }),
            "Conv2d: padding \"same\" needs a stride of 1, got (2, 2)");
}

TEST(ConvolutionErrors, NamesOfOptions) {
  EXPECT_EQ(error_of([] { Conv2d(3, 4, 3, {.padding = "full"}); }),
            "convolution: the padding must be numbers, \"same\" or \"valid\", got \"full\"");
  EXPECT_EQ(error_of([] { Conv1d(3, 4, 3, {.padding_mode = "edge"}); }),
            "convolution: padding_mode must be \"zeros\", \"reflect\", \"replicate\" or "
            "\"circular\", got \"edge\"");
}

class Convolutions : public DeviceTest {
 protected:
  Tensor of(const Shape& shape) const { return zeros(shape, {.device = device()}); }
};
CUTTLE_INSTANTIATE_DEVICES(Convolutions);

TEST_P(Convolutions, RefuseShapes) {
  EXPECT_EQ(error_of([&] {
              (void)conv1d(of({3, 8}), of({4, 3, 3}));
            }),
            "conv1d: expected an input of shape (N, C, L), got [3, 8]; a single example needs "
            ".unsqueeze(0)");
  EXPECT_EQ(error_of([&] {
              (void)conv3d(of({1, 2, 4, 4, 4}), of({4, 2, 3, 3}));
            }),
            "conv3d: expected a weight of shape (O, C / groups, KD, KH, KW), got [4, 2, 3, 3]");
  EXPECT_EQ(error_of([&] {
              (void)conv3d(of({1, 2, 2, 4, 4}), of({4, 2, 3, 3, 3}));
            }),
            "conv3d: the kernel (3, 3, 3) with dilation (1, 1, 1) does not fit into the input [1, "
            "2, 2, 4, 4] with padding (0, 0, 0); use more padding or a smaller kernel");
  EXPECT_EQ(error_of([&] {
              (void)conv1d(of({1, 3, 8}), of({4, 3, 3}), {}, {.padding = -1});
            }),
            "conv1d: the padding must not be negative, got (-1,)");
  EXPECT_EQ(
      error_of([&] {
        (void)conv2d(of({1, 1, 4, 4}), of({1, 1, 3, 3}), {}, {.stride = 2, .padding = "same"});
      }),
      "conv2d: padding \"same\" needs a stride of 1, got (2, 2)");
  EXPECT_EQ(error_of([&] {
              (void)conv2d(of({1, 1, 2, 2}), of({1, 1, 3, 3}), {},
                           {.padding = 2, .padding_mode = "reflect"});
            }),
            "pad: dimension 3 of shape [1, 1, 2, 2] cannot be padded by (2, 2) with mode "
            "\"reflect\": at most 1 elements lie behind the one at the edge");
}

TEST_P(Convolutions, TransposedRefuseShapes) {
  const Tensor x = of({1, 4, 5, 5});
  EXPECT_EQ(error_of([&] {
              (void)conv_transpose2d(x, of({3, 2, 3, 3}));
            }),
            "conv_transpose2d: expected 3 input channels, got 4 (input [1, 4, 5, 5], weight [3, 2, "
            "3, 3], groups 1)");
  EXPECT_EQ(error_of([&] {
              (void)conv_transpose2d(x, of({4, 2, 3, 3}), {}, {.groups = 3});
            }),
            "conv_transpose2d: 4 input channels cannot be split into 3 groups");
  EXPECT_EQ(error_of([&] {
              (void)conv_transpose2d(x, of({4, 2, 3, 3}), of({4}));
            }),
            "conv_transpose2d: the bias must have shape [2], got [4]");
  EXPECT_EQ(error_of([&] {
              (void)conv_transpose2d(x, of({4, 2, 3, 3}), {}, {.stride = 2, .output_padding = 2});
            }),
            "conv_transpose2d: the output_padding (2, 2) must be smaller than the stride (2, 2) or "
            "the dilation (1, 1)");
  EXPECT_EQ(error_of([&] {
              (void)conv_transpose2d(x, of({4, 2, 1, 1}), {}, {.padding = 3});
            }),
            "conv_transpose2d: the padding (3, 3) leaves an output of (-1, -1) of the input [1, 4, "
            "5, 5]; use less padding");
  EXPECT_EQ(error_of([&] {
              (void)conv_transpose1d(of({1, 4, 0}), of({4, 2, 3}));
            }),
            "conv_transpose1d: neither the input [1, 4, 0] nor the kernel (3,) may be empty");
}

TEST_P(Convolutions, TransposedRefuseAnOutputSizeOutOfReach) {
  ConvTranspose2d layer(2, 3, 3, {.stride = 2});
  layer.to(device());
  const Tensor x = of({1, 2, 4, 4});
  EXPECT_EQ(layer(x, {10, 9}).shape(), (Shape{1, 3, 10, 9}));
  EXPECT_EQ(layer(x, {1, 3, 9, 10}).shape(), (Shape{1, 3, 9, 10}));
  EXPECT_EQ(error_of([&] {
              (void)layer(x, {11, 9});
            }),
            "ConvTranspose2d: conv_transpose2d: output_size [11, 9] cannot come from the input [1, "
            "2, 4, 4]: number 0 of it may be 9 to 10");
  EXPECT_EQ(error_of([&] { (void)layer(x, {9}); }),
            "ConvTranspose2d: conv_transpose2d: output_size must have 2 numbers, got [9]");
}

TEST(ConvolutionState, HasPyTorchsNamesAndShapes) {
  const StateDict plain = Conv3d(4, 6, {1, 2, 3}, {.groups = 2}).state_dict();
  EXPECT_EQ(plain.at("weight").shape(), (Shape{6, 2, 1, 2, 3}));
  EXPECT_EQ(plain.at("bias").shape(), Shape{6});
  const StateDict transposed = ConvTranspose1d(4, 6, 5, {.groups = 2, .bias = false}).state_dict();
  EXPECT_EQ(transposed.at("weight").shape(), (Shape{4, 3, 5}));
  EXPECT_EQ(transposed.size(), 1u);
}

// An empty batch gives an empty batch, and its gradients are zeros.
TEST_P(Convolutions, OfNothing) {
  Tensor w = ones({2, 3, 2, 2}, {.device = device()}).requires_grad_();
  const Tensor y = conv_transpose2d(of({0, 2, 4, 4}), w, {}, {.stride = 2});
  EXPECT_EQ(y.shape(), (Shape{0, 3, 8, 8}));
  y.sum().backward();
  EXPECT_EQ(w.grad().to_vector<float>(), std::vector<float>(24, 0));
  EXPECT_EQ(conv1d(of({0, 2, 4}), of({3, 2, 2})).shape(), (Shape{0, 3, 3}));
  EXPECT_EQ(conv3d(of({0, 2, 4, 4, 4}), of({3, 2, 2, 2, 2})).shape(), (Shape{0, 3, 3, 3, 3}));
  EXPECT_EQ(conv_transpose3d(of({0, 2, 4, 4, 4}), of({2, 3, 2, 2, 2})).shape(),
            (Shape{0, 3, 5, 5, 5}));
}

// The next convolution takes the result as it lies.
TEST_P(Convolutions, GiveResultsChannelsLast) {
  const Tensor line = conv1d(of({2, 3, 8}), of({4, 3, 3}));
  EXPECT_EQ(line.strides(), (Strides{24, 1, 4}));
  const Tensor volume = conv3d(of({2, 3, 4, 4, 4}), of({5, 3, 3, 3, 3}));
  EXPECT_EQ(volume.strides(), (Strides{40, 1, 20, 10, 5}));
}

}  // namespace
}  // namespace cuttle::test
