// Each layer: shapes, what it refuses and in which words, how it is printed.
#include "layers/models.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class Layers : public DeviceTest {
 protected:
  /// The shape that the layer gives for an input of that shape.
  Shape output_shape(Module& layer, const Shape& input) {
    return layer.to(device())(zeros(input, {.device = device()})).shape();
  }
};
CUTTLE_INSTANTIATE_DEVICES(Layers);

TEST_P(Layers, Conv2dShapes) {
  Conv2d same(3, 32, 5, {.padding = 2});
  EXPECT_EQ(output_shape(same, {4, 3, 32, 32}), (Shape{4, 32, 32, 32}));
  EXPECT_EQ(output_shape(same, {0, 3, 32, 32}), (Shape{0, 32, 32, 32}));
  Conv2d other(4, 6, {3, 2},
               {.stride = {2, 1}, .padding = {1, 0}, .dilation = {1, 2}, .groups = 2});
  EXPECT_EQ(other.weight.shape(), (Shape{6, 2, 3, 2}));
  EXPECT_EQ(output_shape(other, {1, 4, 33, 31}), (Shape{1, 6, 17, 29}));
}

TEST_P(Layers, LinearShapes) {
  Linear layer(7, 3);
  EXPECT_EQ(output_shape(layer, {31, 7}), (Shape{31, 3}));
  EXPECT_EQ(output_shape(layer, {0, 7}), (Shape{0, 3}));
  EXPECT_EQ(output_shape(layer, {2, 5, 7}), (Shape{2, 5, 3}));
  Linear big(1025, 33, {.bias = false});
  EXPECT_EQ(output_shape(big, {1, 1025}), (Shape{1, 33}));
  EXPECT_EQ(big.parameters().size(), 1u);
}

TEST_P(Layers, MaxPool2dShapes) {
  MaxPool2d halves(2);
  EXPECT_EQ(output_shape(halves, {1, 3, 33, 31}), (Shape{1, 3, 16, 15}));
  MaxPool2d up({3, 2}, {.stride = 2, .padding = 1, .ceil_mode = true});
  EXPECT_EQ(output_shape(up, {1, 3, 6, 5}), (Shape{1, 3, 4, 3}));
}

TEST_P(Layers, FlattenShapesAndOrder) {
  Flatten flatten;
  EXPECT_EQ(output_shape(flatten, {2, 3, 4, 5}), (Shape{2, 60}));
  Flatten front(0, 1);
  EXPECT_EQ(output_shape(front, {2, 3, 4}), (Shape{6, 4}));
  // Row-major order of the logical shape, whatever the layout.
  const Tensor x = arange(24, {.dtype = float32}).view({1, 2, 3, 4}).to(device());
  EXPECT_EQ(flatten(x.contiguous(MemoryFormat::channels_last)).to_vector<double>(),
            x.to_vector<double>());
}

TEST_P(Layers, ReluValues) {
  ReLU relu;
  const Tensor x = tensor({-1.f, 0.f, 2.f}).to(device());
  EXPECT_EQ(relu(x).to_vector<double>(), (std::vector<double>{0, 0, 2}));
}

TEST_P(Layers, WeightOfConvolutionLiesChannelsLast) {
  Conv2d conv(3, 4, 5);
  conv.to(device());
  EXPECT_TRUE(conv.weight.is_contiguous(MemoryFormat::channels_last));
  EXPECT_EQ(conv.weight.shape(), (Shape{4, 3, 5, 5}));
}

TEST_P(Layers, SequentialPassesOn) {
  Sequential model{Linear(4, 3), ReLU()};
  model.append(Linear(3, 2)).push_back(ReLU());
  EXPECT_EQ(model.size(), 4u);
  EXPECT_EQ(output_shape(model, {5, 4}), (Shape{5, 2}));
  Sequential empty;
  EXPECT_EQ(output_shape(empty, {5, 4}), (Shape{5, 4}));
}

TEST(Sequential, BracesNestAndKeepOrder) {
  EXPECT_EQ((Sequential{Sequential{ReLU()}, Flatten()}.str()),
            "Sequential(\n  (0): Sequential(\n    (0): ReLU()\n  )\n  (1): "
            "Flatten(start_dim=1, end_dim=-1)\n)");
  manual_seed(3);
  Sequential together{Linear(2, 2), Linear(2, 2), Linear(2, 2)};
  manual_seed(3);
  for (size_t i = 0; i < 3; ++i) {
    const Linear alone(2, 2);
    EXPECT_EQ(together.at<Linear>(i).weight.to_vector<float>(), alone.weight.to_vector<float>());
  }
}

TEST(Sequential, Errors) {
  Sequential model{ReLU()};
  EXPECT_EQ(error_of([&] { (void)model[1]; }),
            "Sequential: there is no module 1; it has 1, numbered from 0");
  EXPECT_EQ(error_of([&] { (void)model.at<Linear>(0); }), "Sequential::at: module 0 is a ReLU");
}

TEST(LayerErrors, Conv2d) {
  EXPECT_EQ(error_of([] { Conv2d(0, 4, 3); }),
            "Conv2d: in_channels and out_channels must be at least 1, got 0 and 4");
  EXPECT_EQ(error_of([] {
              Conv2d(3, 4, {3, 0});
            }),
            "Conv2d: kernel_size must be at least 1, got (3, 0)");
  EXPECT_EQ(error_of([] { Conv2d(3, 4, 3, {.stride = 0}); }),
            "Conv2d: stride must be at least 1, got (0, 0)");
  EXPECT_EQ(error_of([] { Conv2d(3, 4, 3, {.padding = -1}); }),
            "Conv2d: padding must be at least 0, got (-1, -1)");
  EXPECT_EQ(error_of([] { Conv2d(3, 4, 3, {.dilation = 0}); }),
            "Conv2d: dilation must be at least 1, got (0, 0)");
  EXPECT_EQ(error_of([] { Conv2d(3, 4, 3, {.groups = 0}); }),
            "Conv2d: groups must be at least 1, got 0");
  EXPECT_EQ(error_of([] { Conv2d(3, 4, 3, {.groups = 2}); }),
            "Conv2d: groups must divide the channels, got in_channels 3, out_channels 4 and "
            "groups 2");
}

TEST(LayerErrors, Linear) {
  EXPECT_EQ(error_of([] { Linear(-1, 4); }),
            "Linear: in_features and out_features cannot be negative, got -1 and 4");
}

TEST(LayerErrors, MaxPool2d) {
  EXPECT_EQ(error_of([] { MaxPool2d(0); }), "MaxPool2d: kernel_size must be at least 1, got 0");
  EXPECT_EQ(error_of([] { MaxPool2d(2, {.stride = Pair(0, 1)}); }),
            "MaxPool2d: stride must be at least 1, got (0, 1)");
  EXPECT_EQ(error_of([] { MaxPool2d(2, {.dilation = 0}); }),
            "MaxPool2d: dilation must be at least 1, got 0");
  EXPECT_EQ(error_of([] { MaxPool2d(3, {.padding = 2}); }),
            "MaxPool2d: padding must be between 0 and half the kernel_size 3, got 2");
}

TEST(LayerErrors, CrossEntropyLoss) {
  EXPECT_EQ(error_of([] { CrossEntropyLoss({.label_smoothing = 1.5}); }),
            "CrossEntropyLoss: label_smoothing must lie in [0, 1], got 1.5");
  EXPECT_EQ(error_of([] {
              CrossEntropyLoss({.weight = ones({2, 2})});
            }),
            "CrossEntropyLoss: weight must hold one floating-point factor a class, got shape "
            "[2, 2] of float32");
}

TEST(LayerPrint, OptionsThatDifferFromTheDefault) {
  EXPECT_EQ(Conv2d(4, 6, {3, 2},
                   {.stride = 2, .padding = {1, 0}, .dilation = 2, .groups = 2, .bias = false})
                .str(),
            "Conv2d(4, 6, kernel_size=(3, 2), stride=(2, 2), padding=(1, 0), dilation=(2, 2), "
            "groups=2, bias=False)");
  EXPECT_EQ(MaxPool2d({2, 1}, {.ceil_mode = true}).str(),
            "MaxPool2d(kernel_size=(2, 1), stride=(2, 1), padding=0, dilation=1, ceil_mode=True)");
  EXPECT_EQ(Flatten(0, 2).str(), "Flatten(start_dim=0, end_dim=2)");
  EXPECT_EQ(CrossEntropyLoss().str(), "CrossEntropyLoss()");
}

}  // namespace
}  // namespace cuttle::test
