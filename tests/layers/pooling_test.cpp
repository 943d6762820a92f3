// Pooling layers and Upsample: that each calls its function with its options, and prints as
// PyTorch's does.
#include <cuttle/core/creation.h>
#include <cuttle/layers/pooling/avg_pool.h>
#include <cuttle/layers/pooling/max_pool.h>
#include <cuttle/layers/upsample.h>

#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class PoolingLayers : public DeviceTest {
 protected:
  Tensor numbers(const Shape& shape) const {
    Generator generator(1);
    return rand(shape, {}, generator).to(device());
  }
  void SetUp() override {
    DeviceTest::SetUp();
    if (!IsSkipped()) planes = numbers({2, 3, 6, 5}), lines = numbers({2, 3, 7});
  }

  Tensor planes, lines;
};
CUTTLE_INSTANTIATE_DEVICES(PoolingLayers);

void expect_equal(const Tensor& found, const Tensor& expected) {
  EXPECT_EQ(found.shape(), expected.shape());
  EXPECT_EQ(found.to_vector<double>(), expected.to_vector<double>());
}
void expect_equal(const ValuesIndices& found, const ValuesIndices& expected) {
  expect_equal(found.values, expected.values);
  expect_equal(found.indices, expected.indices);
}

TEST_P(PoolingLayers, Averages) {
  expect_equal(AvgPool2d(2)(planes), avg_pool2d(planes, 2));
  expect_equal(AvgPool2d(3, 2, 1)(planes), avg_pool2d(planes, 3, {.stride = 2, .padding = 1}));
  expect_equal(AvgPool2d({3, 2}, {.divisor_override = 4})(planes),
               avg_pool2d(planes, {3, 2}, {.divisor_override = 4}));
  expect_equal(AvgPool1d(3, {.padding = 1})(lines), avg_pool1d(lines, 3, {.padding = 1}));
  expect_equal(AdaptiveAvgPool2d({{}, 2})(planes), adaptive_avg_pool2d(planes, {{}, 2}));
  expect_equal(AdaptiveAvgPool1d(3)(lines), adaptive_avg_pool1d(lines, 3));
}

TEST_P(PoolingLayers, LargestElements) {
  expect_equal(MaxPool2d(2).forward_with_indices(planes), max_pool2d_with_indices(planes, 2));
  MaxPool1d line(3, {.stride = 2, .padding = 1});
  expect_equal(line(lines), max_pool1d(lines, 3, {.stride = 2, .padding = 1}));
  expect_equal(line.forward_with_indices(lines),
               max_pool1d_with_indices(lines, 3, {.stride = 2, .padding = 1}));
  expect_equal(AdaptiveMaxPool2d({4, {}})(planes), adaptive_max_pool2d(planes, {4, {}}));
  expect_equal(AdaptiveMaxPool2d(2).forward_with_indices(planes),
               adaptive_max_pool2d_with_indices(planes, 2));
  expect_equal(AdaptiveMaxPool1d(3)(lines), adaptive_max_pool1d(lines, 3));
  expect_equal(AdaptiveMaxPool1d(3).forward_with_indices(lines),
               adaptive_max_pool1d_with_indices(lines, 3));
  const auto [values, indices] = MaxPool2d(2).forward_with_indices(planes);
  const MaxUnpool2dOptions options{.output_size = Pair(6, 5)};
  expect_equal(MaxUnpool2d(2, options)(values, indices), max_unpool2d(values, indices, 2, options));
}

TEST_P(PoolingLayers, OtherSizes) {
  expect_equal(Upsample({.size = {4}, .mode = "bicubic"})(planes),
               interpolate(planes, {.size = {4}, .mode = "bicubic"}));
  expect_equal(UpsamplingNearest2d({.scale_factor = {2}})(planes),
               interpolate(planes, {.scale_factor = {2}}));
  expect_equal(UpsamplingBilinear2d({.size = {3, 9}})(planes),
               interpolate(planes, {.size = {3, 9}, .mode = "bilinear", .align_corners = true}));
}

TEST(PoolingLayerState, Printed) {
  EXPECT_EQ(AvgPool2d(3, 2).str(), "AvgPool2d(kernel_size=3, stride=2, padding=0)");
  EXPECT_EQ(AvgPool2d({3, 2}).str(), "AvgPool2d(kernel_size=(3, 2), stride=(3, 2), padding=0)");
  EXPECT_EQ(AvgPool1d(3).str(), "AvgPool1d(kernel_size=(3,), stride=(3,), padding=(0,))");
  EXPECT_EQ(AdaptiveAvgPool2d(1).str(), "AdaptiveAvgPool2d(output_size=1)");
  EXPECT_EQ(AdaptiveMaxPool2d({{}, 7}).str(), "AdaptiveMaxPool2d(output_size=(None, 7))");
  EXPECT_EQ(AdaptiveAvgPool1d(5).str(), "AdaptiveAvgPool1d(output_size=5)");
  EXPECT_EQ(AdaptiveMaxPool1d(5).str(), "AdaptiveMaxPool1d(output_size=5)");
  EXPECT_EQ(MaxPool1d(3, {.stride = 2}).str(),
            "MaxPool1d(kernel_size=3, stride=2, padding=0, dilation=1, ceil_mode=False)");
  EXPECT_EQ(MaxUnpool2d(2).str(), "MaxUnpool2d(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0))");
  EXPECT_EQ(Upsample({.scale_factor = {2}, .mode = "bilinear"}).str(),
            "Upsample(scale_factor=2.0, mode='bilinear')");
  EXPECT_EQ(UpsamplingNearest2d({.size = {4, 5}}).str(),
            "UpsamplingNearest2d(size=(4, 5), mode='nearest')");
  EXPECT_EQ(Upsample({.scale_factor = {0.5, 1.5}}).str(),
            "Upsample(scale_factor=(0.5, 1.5), mode='nearest')");
}

TEST(PoolingLayerErrors, MaxPool1d) {
  EXPECT_EQ(error_of([] { MaxPool1d(0); }),
            "MaxPool1d: kernel_size, stride and dilation must be at least 1, got 0, 0 and 1");
  EXPECT_EQ(error_of([] { MaxPool1d(3, {.padding = 2}); }),
            "MaxPool1d: padding must be between 0 and half the kernel_size 3, got 2");
}

}  // namespace
}  // namespace cuttle::test
