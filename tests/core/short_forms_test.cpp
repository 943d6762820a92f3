// What PyTorch's C++ lets one write: sizes alone, nested braces, a dtype in place of the options.
#include <cuttle/core/ops/arithmetic.h>

#include "samples.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

TEST(ShortForms, Creation) {
  const size_t rows = 2;
  EXPECT_EQ(zeros(rows, 3).shape(), (Shape{2, 3}));
  EXPECT_EQ(ones(4).to_vector<float>(), std::vector<float>(4, 1));
  EXPECT_EQ(empty(2, 0, 5).shape(), (Shape{2, 0, 5}));
  EXPECT_EQ(rand(3, 1).shape(), (Shape{3, 1}));
  EXPECT_EQ(randn(2, 2, 2).shape(), (Shape{2, 2, 2}));
  EXPECT_EQ(zeros({2}, float64).dtype(), float64);
  EXPECT_EQ(ones({2}, int64).dtype(), int64);
  EXPECT_EQ(empty({2}, boolean).dtype(), boolean);
  EXPECT_EQ(full({2}, 1, uint8).dtype(), uint8);
  EXPECT_EQ(rand({2}, float64).dtype(), float64);
  EXPECT_EQ(randn({2}, float64).dtype(), float64);
  EXPECT_EQ(arange(0, 10, {.dtype = float32}).dtype(), float32);
  EXPECT_THROW((void)zeros(-1), Error);
}

TEST(ShortForms, Views) {
  const Tensor x = arange(24);
  EXPECT_EQ(x.view(2, 3, 4).shape(), (Shape{2, 3, 4}));
  EXPECT_EQ(x.view(-1, 6).shape(), (Shape{4, 6}));
  EXPECT_EQ(x.reshape(2, -1).shape(), (Shape{2, 12}));
  EXPECT_EQ(x.view(2, 3, 4).permute(2, 0, 1).shape(), (Shape{4, 2, 3}));
  EXPECT_EQ(x.view(1, 24).expand(3, -1).shape(), (Shape{3, 24}));
}

TEST(ShortForms, NestedBraces) {
  const Tensor matrix = tensor({{1, 2, 3}, {4, 5, 6}});
  EXPECT_EQ(matrix.shape(), (Shape{2, 3}));
  EXPECT_EQ(matrix.dtype(), int64);
  EXPECT_EQ(matrix.to_vector<int64_t>(), (std::vector<int64_t>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(tensor({{{1.f}, {2.f}}}).shape(), (Shape{1, 2, 1}));
  EXPECT_EQ(tensor({1.f, 2.f}, {2}).dtype(), float32);
  EXPECT_EQ(tensor({1.f, 2.f, 3.f, 4.f}, {2, 2}).shape(), (Shape{2, 2}));
  EXPECT_EQ(tensor(5).shape(), Shape{});
  EXPECT_EQ(tensor({}).shape(), Shape{0});
  EXPECT_EQ(tensor({{}, {}}).shape(), (Shape{2, 0}));
  EXPECT_EQ(error_of([] {
              (void)tensor({{1, 2}, {3}});
            }),
            "tensor: at [1] of the braces stands a list of 1, and a list of 2 where that depth "
            "begins; all "
            "of one depth need one length");
  EXPECT_THROW((void)tensor({{1}, 2}), Error);
}

TEST(ShortForms, BracesHaveADtype) {
  EXPECT_EQ(tensor({0, 1}).dtype(), int64);
  EXPECT_EQ(tensor({size_t{1}}).dtype(), int64);
  EXPECT_EQ(tensor({true, false}).dtype(), boolean);
  EXPECT_EQ(tensor({true, 2}).dtype(), int64);
  EXPECT_EQ(tensor({1, 0.5f}).dtype(), float32);
  EXPECT_EQ(tensor({1, 0.5}).dtype(), float64);
  EXPECT_EQ(tensor({1, 2}, {.dtype = float32}).dtype(), float32);
  EXPECT_EQ(tensor<int32_t>({1, 2}).dtype(), int32);
  EXPECT_EQ(tensor<uint8_t>({1, 2}).dtype(), uint8);
  EXPECT_EQ(tensor(std::vector<int32_t>{1, 2}, {2}).dtype(), int32);
  EXPECT_EQ(tensor(std::vector<uint8_t>{1, 2}).dtype(), uint8);
  const std::initializer_list<float> named = {1, 2};
  EXPECT_EQ(tensor(named).shape(), Shape{2});
  EXPECT_TRUE(tensor({1.f}, {.requires_grad = true}).requires_grad());
  EXPECT_EQ(tensor({int64_t{1} << 60, int64_t{3}}).to_vector<int64_t>(),
            (std::vector<int64_t>{int64_t{1} << 60, 3}));
}

TEST(ShortForms, ValuesAsBool) {
  EXPECT_EQ((tensor({-1, 0, 2}) > 0).to_vector<bool>(), (std::vector<bool>{false, false, true}));
  EXPECT_EQ(tensor({-1.f, 0.f}).to_vector<bool>(), (std::vector<bool>{true, false}));
}

TEST(ShortForms, TheOnlyCpuHasANumber) {
  EXPECT_EQ(Device("cpu:0"), Device());
  EXPECT_EQ(error_of([] { (void)Device("cpu:1"); }),
            "Device(\"cpu:1\"): there is one CPU, \"cpu\" or \"cpu:0\"");
}

}  // namespace
}  // namespace cuttle::test
