// Copies between layouts, dtypes and devices; cat and stack.
#include <cuttle/core/ops/arithmetic.h>

#include <cmath>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class Copy : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(Copy);

// Reads memory itself, by strides: the oracle does not go through the copies under test. CUDA
// memory first comes to the host as bytes, with its layout.
std::vector<double> elements(const Tensor& x) {
  const Tensor host = x.is_cpu() ? x : x.cpu();
  std::vector<double> out;
  for_each_index(host.shape(), [&](const Shape& index) {
    int64_t at = 0;
    for (int d = 0; d < index.size(); ++d) at += index[d] * host.strides()[d];
    out.push_back(dispatch_all(host.dtype(),
                               [&]<class T>() { return static_cast<double>(host.data<T>()[at]); }));
  });
  return out;
}

// To so many binary digits, ties to even.
double rounded(double value, int digits) {
  if (value == 0) return value;
  const double unit = std::ldexp(1.0, std::ilogb(value) - digits + 1);
  return std::nearbyint(value / unit) * unit;
}

TEST_P(Copy, LayoutsAndDtypes) {
  constexpr DType kAll[] = {float32, float64, float16, bfloat16, int64,
                            int32,   int16,   int8,    uint8,    boolean};
  for (const Shape& shape : common_shapes())
    for (const DType from : kAll)
      for (const auto& [layout, x] : layouts(shape, device(), from, 0, 100)) {
        const auto values = elements(x);
        EXPECT_EQ(elements(x.contiguous()), values) << layout << shape;
        EXPECT_TRUE(x.contiguous().is_contiguous());
        EXPECT_EQ(elements(x.clone()), values);
        EXPECT_TRUE(x.numel() == 0 || x.clone().raw_data() != x.raw_data());
        for (const DType to : kAll) {
          auto expected = values;
          for (double& value : expected) {
            if (to == boolean)
              value = value != 0;
            else if (!is_floating_point(to))
              value = std::trunc(value);
            else if (to != float64)
              value = static_cast<float>(value);
            if (to == float16) value = rounded(value, 11);
            if (to == bfloat16) value = rounded(value, 8);
          }
          const Tensor y = x.to(to);
          EXPECT_EQ(elements(y), expected) << layout << shape << from << to;
          EXPECT_EQ(y.dtype(), to);
          EXPECT_EQ(y.is_same(x), to == from);
        }
      }
}

TEST_P(Copy, ToTheDeviceAndBackKeepsLayoutAndValues) {
  for (const auto& [layout, x] : layouts({2, 3, 4, 5}, Device(), float32)) {
    const Tensor there = x.to(device());
    EXPECT_EQ(there.device(), device());
    EXPECT_EQ(there.cpu().to_vector<float>(), x.to_vector<float>()) << layout;
    if (layout == "channels_last") {
      EXPECT_TRUE(there.is_contiguous(MemoryFormat::channels_last));
      EXPECT_TRUE(there.cpu().is_contiguous(MemoryFormat::channels_last));
    }
    EXPECT_EQ(x.to(device(), float64).to_vector<double>(), x.to_vector<double>());
    EXPECT_EQ(there.to(Device(), int32).dtype(), int32);
  }
}

TEST_P(Copy, ChannelsLast) {
  const Tensor x = sample({2, 3, 4, 5}, device());
  const Tensor y = x.contiguous(MemoryFormat::channels_last);
  EXPECT_EQ(y.strides(), (Shape{60, 1, 15, 3}));
  EXPECT_EQ(elements(y), elements(x));
  EXPECT_TRUE(y.contiguous(MemoryFormat::channels_last).is_same(y));
  EXPECT_EQ(y.clone().strides(), y.strides());
  EXPECT_THROW((void)x[0].contiguous(MemoryFormat::channels_last), Error);
  EXPECT_TRUE(x.narrow(1, 0, 1).contiguous().is_contiguous(MemoryFormat::channels_last));
}

TEST_P(Copy, CopyIntoViewsConvertsAndBroadcasts) {
  const Tensor x = zeros({3, 4}, {.dtype = int32, .device = device()});
  x.t().slice(0, 0, 4, 2).copy_(tensor({1.9, -2.9, 3.0}).to(device()));
  EXPECT_EQ(x.to_vector<int32_t>(), (std::vector<int32_t>{1, 0, 1, 0, -2, 0, -2, 0, 3, 0, 3, 0}));
  EXPECT_EQ(error_of([&] { x.narrow(0, 0, 1).copy_(x); }),
            "copy_: shape [3, 4] does not broadcast to [1, 4]");
}

TEST_P(Copy, OverlappingCopiesReadFirst) {
  const Tensor x = arange(6, {.dtype = int64, .device = device()});
  x.narrow(0, 1, 5).copy_(x.narrow(0, 0, 5));
  EXPECT_EQ(x.to_vector<int64_t>(), (std::vector<int64_t>{0, 0, 1, 2, 3, 4}));
  Tensor m = arange(4, {.dtype = int64, .device = device()}).view({2, 2});
  m.copy_(m.t());
  EXPECT_EQ(m.to_vector<int64_t>(), (std::vector<int64_t>{0, 2, 1, 3}));
  m += m.t();
  EXPECT_EQ(m.to_vector<int64_t>(), (std::vector<int64_t>{0, 3, 3, 6}));
}

TEST_P(Copy, FillOfEveryDtypeAndLayout) {
  for (const DType dtype :
       {float32, float64, float16, bfloat16, int64, int32, int16, int8, uint8, boolean})
    for (auto& [layout, x] : layouts({31, 33}, device(), dtype, 0, 100)) {
      if (layout == "repeated") continue;  // refused: see in_place_test.cpp
      Tensor target = x;
      target.fill_(1);
      EXPECT_EQ(elements(target), std::vector<double>(31 * 33, 1.0)) << layout << dtype;
    }
  EXPECT_EQ(error_of([&] { (void)full({2}, 300, {.dtype = uint8, .device = device()}); }),
            "full: uint8 cannot hold the value 300");
  EXPECT_THROW((void)full({2}, NAN, {.dtype = int64, .device = device()}), Error);
  EXPECT_THROW((void)full({2}, 0x1p63, {.dtype = int64, .device = device()}), Error);
  EXPECT_EQ(full({}, -1, {.dtype = uint8, .device = device()}).item<int>(), 255);
}

TEST_P(Copy, CatAndStack) {
  const Tensor a = arange(6, {.dtype = int64, .device = device()}).view({2, 3});
  const Tensor b = (a + 10).t().contiguous().t(), none = a.narrow(0, 0, 0);
  EXPECT_EQ(cat({a, none, b}).to_vector<int64_t>(),
            (std::vector<int64_t>{0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15}));
  EXPECT_EQ(cat({a, b}, -1).to_vector<int64_t>(),
            (std::vector<int64_t>{0, 1, 2, 10, 11, 12, 3, 4, 5, 13, 14, 15}));
  const Tensor s = stack({a, b}, -1);
  EXPECT_EQ(s.shape(), (Shape{2, 3, 2}));
  EXPECT_EQ(s.to_vector<int64_t>(),
            (std::vector<int64_t>{0, 10, 1, 11, 2, 12, 3, 13, 4, 14, 5, 15}));
  EXPECT_EQ(stack({tensor({1.f}).reshape({}), tensor({2.f}).reshape({})}).shape(), Shape{2});
  EXPECT_EQ(error_of([] { (void)cat({}); }), "cat: expected at least one tensor, got none");
  EXPECT_EQ(error_of([&] {
              (void)cat({a, a.t()});
            }),
            "cat: shapes [2, 3] and [3, 2] differ in another dimension than 0");
  EXPECT_EQ(error_of([&] {
              (void)stack({a, a.t()});
            }),
            "stack: all shapes must be equal, got [2, 3] and [3, 2]");
}

TEST_P(Copy, ToVectorOfViewsOfTheTape) {
  Tensor x = ones({2, 2}, {.device = device(), .requires_grad = true});
  EXPECT_EQ((x * 3).t().to_vector<int32_t>(), (std::vector<int32_t>{3, 3, 3, 3}));
  EXPECT_EQ((x == 1).sum().item<bool>(), true);
  EXPECT_EQ(tensor({true}).to(device()).item<bool>(), true);
  EXPECT_EQ(
      full({}, (int64_t{1} << 62) + 1, {.dtype = int64, .device = device()}).item<long long>(),
      (int64_t{1} << 62) + 1);
}

}  // namespace
}  // namespace cuttle::test
