// The gradients of convolution on tensor cores, called by themselves, so that a kernel that refuses
// a shape cannot hide behind the portable one. The oracle computes in double with what rounding to
// TF32 leaves of the inputs; the rest of the error is that of float32 sums.
#include <cuttle/kernels/cuda/conv2d_tensor_core.h>

#include "backend.h"
#include "conv2d_cases.h"
#include "oracle/conv2d.h"
#include "oracle/tf32.h"

namespace cuttle::test {
namespace {

using namespace kernels;
using oracle::tf32;

/// Products are exact, and partial sums grow like the root of their number, as do the roundings.
/// Operands that were truncated would err thirty times as much.
double tolerance(int64_t terms) {
  return kEpsilon<float> * (4 + static_cast<double>(terms));
}

/// Which pixel of each window won, 0 to 3, or 4: none.
std::vector<uint8_t> random_places(size_t size) {
  std::mt19937 generator(5);
  std::vector<uint8_t> places(size);
  for (uint8_t& p : places) p = static_cast<uint8_t>(generator() % 5);
  return places;
}

/// dy of the unpooled output, zeros where index names another place.
std::vector<float> unpooled(const Conv2dPoolShape& shape, const std::vector<float>& dy,
                            const std::vector<uint8_t>& index) {
  const Conv2dShape& s = shape.conv;
  std::vector<float> whole(s.n * s.oh * s.ow * s.o);
  for (size_t i = 0; i < dy.size(); ++i) {
    if (index[i] == 4) continue;
    const int64_t o = i % s.o, pw = i / s.o % shape.pw(), ph = i / s.o / shape.pw() % shape.ph();
    const int64_t n = i / s.o / shape.pw() / shape.ph();
    const int64_t h = 2 * ph + index[i] / 2, w = 2 * pw + index[i] % 2;
    whole[((n * s.oh + h) * s.ow + w) * s.o + o] = dy[i];
  }
  return whole;
}

class Conv2dTensorCoreBackwardTest : public KernelTest<OnCuda<cuda::Backend::own>> {
 protected:
  void check_whole(const std::string& name, const Conv2dShape& s) {
    const auto dy = random_values<float>(s.n * s.oh * s.ow * s.o, 4);
    auto dy_there = upload<float>(dy);
    check(
        name, s, dy,
        [&](const float* weight, float* dx) {
          return cuda::conv2d_backward_input_tensor_core(stream, s, dy_there.data(), weight, dx);
        },
        [&](const float* x, float* dweight, float* dbias) {
          return cuda::conv2d_backward_weight_tensor_core(stream, s, x, dy_there.data(), dweight,
                                                          dbias);
        });
  }

  void check_pooled(const std::string& name, const Conv2dShape& s) {
    const Conv2dPoolShape shape = {.conv = s, .relu = true};
    const auto dy = random_values<float>(s.n * shape.ph() * shape.pw() * s.o, 4);
    const auto index = random_places(dy.size());
    auto dy_there = upload<float>(dy);
    auto index_there = upload<uint8_t>(index);
    check(
        name + ", pooled", s, unpooled(shape, dy, index),
        [&](const float* weight, float* dx) {
          return cuda::conv2d_pool_backward_input_tensor_core(stream, shape, dy_there.data(),
                                                              index_there.data(), weight, dx);
        },
        [&](const float* x, float* dweight, float* dbias) {
          return cuda::conv2d_pool_backward_weight_tensor_core(stream, shape, x, dy_there.data(),
                                                               index_there.data(), dweight, dbias);
        });
  }

 private:
  /// Two runs of each, into memory that holds garbage: right, and the same bits.
  template <class BackwardInput, class BackwardWeight>
  void check(const std::string& name, const Conv2dShape& s, const std::vector<float>& dy,
             BackwardInput backward_input, BackwardWeight backward_weight) {
    const auto x = random_values<float>(s.n * s.h * s.w * s.c, 1);
    const auto weight = random_values<float>(s.o * s.kh * s.kw * (s.c / s.groups), 2);
    const auto expected = oracle::conv2d_backward(s, tf32(x), tf32(weight), tf32(dy));
    auto x_there = upload<float>(x), weight_there = upload<float>(weight);
    std::vector<float> first_dx, first_dweight, first_dbias;
    for (const bool again : {false, true}) {
      auto dx = unset<float>(x.size()), dweight = unset<float>(weight.size());
      auto dbias = unset<float>(s.o);
      ASSERT_TRUE(backward_input(weight_there.data(), dx.data())) << name;
      ASSERT_TRUE(backward_weight(x_there.data(), dweight.data(), dbias.data())) << name;
      if (!again) {
        first_dx = dx.to_host(), first_dweight = dweight.to_host(), first_dbias = dbias.to_host();
        continue;
      }
      ASSERT_EQ(dx.to_host(), first_dx) << name;
      ASSERT_EQ(dweight.to_host(), first_dweight) << name;
      ASSERT_EQ(dbias.to_host(), first_dbias) << name;
    }
    const double relative = 4 * kEpsilon<float>;
    const int64_t pixels = s.n * s.oh * s.ow;
    expect_close(first_dx, expected.dx, tolerance(s.kh * s.kw * s.o / s.groups), relative,
                 name + ", dx");
    expect_close(first_dweight, expected.dweight, tolerance(pixels), relative, name + ", dweight");
    expect_close(first_dbias, expected.dbias, tolerance(pixels), relative, name + ", dbias");
  }
};

TEST_F(Conv2dTensorCoreBackwardTest, TheTutorialsLayers) {
  check_pooled("conv1", layer(1, 3, 32, 32, 5));
  check_pooled("conv2", layer(1, 32, 16, 32, 5));
  check_pooled("conv3", layer(1, 32, 8, 64, 5));
  check_whole("conv3", layer(1, 32, 8, 64, 5));
}

TEST_F(Conv2dTensorCoreBackwardTest, EveryShape) {
  for (const Conv2dCase& one : conv2d_cases()) {
    check_whole(one.name, one.shape);
    if (one.shape.oh > 1 && one.shape.ow > 1) check_pooled(one.name, one.shape);
  }
}

TEST_F(Conv2dTensorCoreBackwardTest, TailsAndStrides) {
  for (const int64_t c : {1, 3, 5, 8}) {
    for (const int64_t stride : {1, 2}) {
      const int64_t k = stride == 1 ? 1 : 3;
      const Conv2dShape s = tails(c, c == 8 ? 32 : 10, k, stride);
      const std::string name = std::to_string(c) + " channels, stride " + std::to_string(stride);
      check_whole(name, s);
      check_pooled(name, s);
    }
  }
}

// More than 32 channels take the wider tiles, channels that are multiples of four the wider loads.
TEST_F(Conv2dTensorCoreBackwardTest, WideTilesWithEachLoad) {
  for (const auto& [c, o] : {std::pair(36, 36), std::pair(33, 36), std::pair(3, 64)}) {
    const std::string name = std::to_string(c) + " to " + std::to_string(o) + " channels";
    check_whole(name, layer(1, c, 5, o, 3));
    check_pooled(name, layer(1, c, 5, o, 3));
  }
}

TEST_F(Conv2dTensorCoreBackwardTest, WeightWithoutBias) {
  const Conv2dShape s = layer(2, 4, 9, 8, 3);
  const auto x = random_values<float>(s.n * s.h * s.w * s.c, 1);
  const auto dy = random_values<float>(s.n * s.oh * s.ow * s.o, 4);
  auto x_there = upload<float>(x), dy_there = upload<float>(dy);
  auto with = unset<float>(s.o * 9 * s.c), without = unset<float>(s.o * 9 * s.c);
  auto dbias = unset<float>(s.o);
  ASSERT_TRUE(cuda::conv2d_backward_weight_tensor_core(stream, s, x_there.data(), dy_there.data(),
                                                       with.data(), dbias.data()));
  ASSERT_TRUE(cuda::conv2d_backward_weight_tensor_core(stream, s, x_there.data(), dy_there.data(),
                                                       without.data(), nullptr));
  EXPECT_EQ(without.to_host(), with.to_host());
}

}  // namespace
}  // namespace cuttle::test
