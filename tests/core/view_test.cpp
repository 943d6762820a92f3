// Views: which element each one shows, that it shares memory, and when it is refused.
#include <cuttle/core/ops/arithmetic.h>

#include <numeric>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class View : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(View);

Tensor counted(const Shape& shape, const Device& device) {
  return arange(shape.numel(), {.dtype = int64, .device = device}).view(shape);
}

// The oracle: elements of `x` (row-major numbers) in the order that `source(index)` names.
void expect_view(const Tensor& view, const Tensor& x,
                 const std::function<Shape(const Shape&)>& source) {
  std::vector<int64_t> expected;
  const auto values = x.to_vector<int64_t>();
  for_each_index(view.shape(), [&](const Shape& index) {
    expected.push_back(values[position(x.shape(), source(index))]);
  });
  EXPECT_EQ(view.to_vector<int64_t>(), expected) << view.shape();
}

TEST_P(View, PermuteTransposeAndT) {
  const Tensor x = counted({2, 3, 4}, device());
  const Tensor p = x.permute({2, 0, -2});
  EXPECT_EQ(p.shape(), (Shape{4, 2, 3}));
  expect_view(p, x, [](const Shape& i) { return Shape{i[1], i[2], i[0]}; });
  expect_view(x.transpose(-1, 0), x, [](const Shape& i) { return Shape{i[2], i[1], i[0]}; });
  const Tensor m = counted({3, 5}, device());
  expect_view(m.t(), m, [](const Shape& i) { return Shape{i[1], i[0]}; });
  EXPECT_TRUE(counted({3}, device()).t().shape() == Shape{3});
  EXPECT_EQ(tensor({1.f}).reshape({}).transpose(0, -1).dim(), 0);
}

TEST_P(View, SelectNarrowSlice) {
  const Tensor x = counted({3, 5, 4}, device());
  expect_view(x.select(1, -2), x, [](const Shape& i) { return Shape{i[0], 3, i[1]}; });
  expect_view(x[2], x, [](const Shape& i) { return Shape{2, i[0], i[1]}; });
  expect_view(x.narrow(-2, 1, 3), x, [](const Shape& i) { return Shape{i[0], i[1] + 1, i[2]}; });
  expect_view(x.narrow(1, -2, 2), x, [](const Shape& i) { return Shape{i[0], i[1] + 3, i[2]}; });
  expect_view(x.slice(1, 1, 5, 2), x, [](const Shape& i) {
    return Shape{i[0], 1 + 2 * i[1], i[2]};
  });
  EXPECT_EQ(x.slice(1, -100, 100).shape(), x.shape());
  EXPECT_EQ(x.slice(1, 3, 1).shape(), (Shape{3, 0, 4}));
  EXPECT_EQ(x.slice(0, -2, -1).to_vector<int64_t>()[0], 20);
  EXPECT_EQ(x.narrow(0, 3, 0).numel(), 0);
}

TEST_P(View, ExtremeBoundsDoNotOverflow) {
  const Tensor x = counted({3}, device());
  EXPECT_EQ(x.slice(0, 0, 3, INT64_MAX).to_vector<int64_t>(), (std::vector<int64_t>{0}));
  EXPECT_EQ(x.slice(0, INT64_MIN, INT64_MAX).numel(), 3);
  EXPECT_EQ(error_of([&] { (void)x.narrow(0, 1, INT64_MAX); }),
            "narrow: 9223372036854775807 from 1 on does not lie within size 3 of dimension 0 in "
            "shape [3]");
  EXPECT_THROW((void)x.select(0, INT64_MIN), Error);
  EXPECT_THROW((void)x.view({int64_t{1} << 62, 4, -1}), Error);
}

TEST_P(View, AssignmentToAnIndexWritesElements) {
  Tensor x = zeros({2, 3}, {.device = device()});
  x[1] = ones({3}, {.device = device()});
  x[0][2] = 7;
  x[0] += 1;
  EXPECT_EQ(x.to_vector<float>(), (std::vector<float>{1, 1, 8, 1, 1, 1}));
  x[1] = x[0];
  EXPECT_EQ(x.to_vector<float>(), (std::vector<float>{1, 1, 8, 1, 1, 8}));
  auto row = x[0];  // a name: it comes to mean another tensor
  row = x[1][0];
  row = zeros({3}, {.device = device()});
  EXPECT_EQ(x.to_vector<float>(), (std::vector<float>{1, 1, 8, 1, 1, 8}));
  EXPECT_EQ(
      error_of([&] { x[0] = zeros({2}, {.device = device()}); }),
      "copy_: shapes [3] and [2] do not broadcast: dimension 0 is 3 in one and 2 in the other; "
      "they must be equal, or one of them 1");
  EXPECT_EQ(error_of([&] { x[0] = 1e300; }), "fill_: float32 cannot hold the value 1e+300");
  // A temporary that is no index does not take assignments at all.
  static_assert(std::is_assignable_v<Tensor&, Tensor> && !std::is_assignable_v<Tensor, Tensor>);
  static_assert(!std::is_assignable_v<decltype(x.grad()), Tensor>);
  static_assert(!std::is_assignable_v<decltype(x.narrow(0, 0, 1)), Tensor>);
  static_assert(std::is_assignable_v<decltype(x[0]), Tensor>);
}

TEST_P(View, SqueezeUnsqueezeExpandFlatten) {
  const Tensor x = counted({1, 3, 1, 2}, device());
  EXPECT_EQ(x.squeeze().shape(), (Shape{3, 2}));
  EXPECT_EQ(x.squeeze(0).shape(), (Shape{3, 1, 2}));
  EXPECT_TRUE(x.squeeze(1).is_same(x));
  EXPECT_EQ(x.unsqueeze(-1).shape(), (Shape{1, 3, 1, 2, 1}));
  EXPECT_EQ(x.unsqueeze(0).to_vector<int64_t>(), x.to_vector<int64_t>());
  const Tensor e = x.expand({2, 4, 3, 5, -1});
  EXPECT_EQ(e.shape(), (Shape{2, 4, 3, 5, 2}));
  expect_view(e, x, [](const Shape& i) { return Shape{0, i[2], 0, i[4]}; });
  EXPECT_EQ(x.flatten().shape(), Shape{6});
  EXPECT_EQ(x.flatten(1, -2).shape(), (Shape{1, 3, 2}));
  EXPECT_EQ(tensor({1.f}).reshape({}).flatten().shape(), Shape{1});
  EXPECT_EQ(zeros({2, 0, 3}).flatten(1).shape(), (Shape{2, 0}));
}

// reshape must give the same elements in the same order for every layout, and be a view exactly
// where PyTorch's rule allows one: checked by comparing addresses of elements.
TEST_P(View, ReshapeOfEveryLayout) {
  const std::vector<std::pair<Shape, std::vector<Shape>>> cases = {
      {{2, 3, 4}, {{24}, {6, 4}, {2, 12}, {4, 6}, {1, 2, 1, 3, 4}, {-1, 2}, {2, 3, 2, 2}}},
      {{2, 3, 4, 5}, {{120}, {2, 3, 20}, {6, 20}, {2, -1}, {5, 4, 3, 2}}},
      {{0, 3}, {{0}, {3, 0}, {0, 7}, {-1}}},
      {{1}, {{}, {1, 1, 1}}}};
  for (const auto& [from, targets] : cases)
    for (const auto& [layout, x] : layouts(from, device(), float64))
      for (const Shape& to : targets) {
        const auto before = x.to_vector<double>();
        const Tensor y = x.reshape(to);
        EXPECT_EQ(y.to_vector<double>(), before) << layout << from << to;
        const bool shared = y.raw_data() == x.raw_data();
        EXPECT_TRUE(shared || !x.is_contiguous()) << layout << from << to;
        if (shared) {
          EXPECT_EQ(x.view(to).strides(), y.strides());
        }
      }
}

TEST_P(View, ViewKeepsToMemory) {
  const Tensor x = counted({4, 6}, device());
  EXPECT_EQ(x.t().view({2, 3, 4}).strides(), (Shape{3, 1, 6}));
  EXPECT_EQ(x.narrow(1, 0, 4).view({4, 2, 2}).strides(), (Shape{6, 2, 1}));
  EXPECT_EQ(counted({3}, device()).expand({4, 3}).view({2, 2, 3}).strides(), (Shape{0, 0, 1}));
  EXPECT_EQ(error_of([&] { (void)x.t().view({24}); }),
            "view: shape [6, 4] with strides [1, 6] cannot be read as shape [24] without moving "
            "elements; use reshape()");
}

TEST_P(View, WritesThroughViewsReachTheBase) {
  const Tensor x = counted({3, 4}, device());
  Tensor row = x[1], column = x.t()[0], step = x.slice(1, 1, 4, 2);
  row.fill_(-1);
  column.add_(100);
  step.mul_(2);
  EXPECT_EQ(x.to_vector<int64_t>(),
            (std::vector<int64_t>{100, 2, 2, 6, 99, -2, -1, -2, 108, 18, 10, 22}));
  EXPECT_EQ(x.version(), 3);
  EXPECT_EQ(row.version(), 3);
}

TEST_P(View, Refusals) {
  const Tensor x = counted({2, 3}, device());
  const auto expect = [](auto&& f, const std::string& sentence) {
    EXPECT_EQ(error_of(f), sentence);
  };
  expect([&] { (void)x.view({5}); },
         "view: a tensor of shape [2, 3] (6 elements) cannot have shape [5]");
  expect(
      [&] {
        (void)x.reshape({4, -1});
      },
      "reshape: a tensor of shape [2, 3] (6 elements) cannot have shape [4, -1]");
  expect([&] { (void)x.reshape({-1, -1}); }, "reshape: only one size can be -1, got [-1, -1]");
  expect(
      [&] {
        (void)zeros({0}).reshape({0, -1});
      },
      "reshape: a tensor of shape [0] (0 elements) cannot have shape [0, -1]");
  expect([&] { (void)x.permute({0}); },
         "permute: expected 2 dimensions for a tensor of shape [2, 3], got 1");
  expect([&] { (void)x.permute({0, -2}); }, "permute: dimension 0 of shape [2, 3] is given twice");
  expect([&] { (void)x.select(1, 3); },
         "select: index 3 is out of range for size 3 of dimension 1 in shape [2, 3]");
  expect(
      [&] {
        (void)x.expand({2, 4});
      },
      "expand: shape [2, 3] cannot be repeated to [2, 4]: only dimensions of size 1 can grow");
  expect([&] { (void)x.expand({3}); }, "expand: shape [2, 3] has more dimensions than [3]");
  expect([&] { (void)x.slice(0, 0, 1, 0); }, "slice: the step must be at least 1, got 0");
  expect([&] { (void)x.transpose(0, 2); },
         "transpose: dimension 2 is out of range for a tensor of 2 dimensions; -2 to 1 are valid");
  expect(
      [&] {
        (void)counted({1, 1, 1}, device()).t();
      },
      "t: expected a matrix, got shape [1, 1, 1]; use transpose(dim0, dim1)");
  expect([&] { (void)x.flatten(1, 0); },
         "flatten: start_dim 1 lies behind end_dim 0 in shape [2, 3]");
  EXPECT_THROW((void)zeros({1, 1, 1, 1, 1, 1, 1, 1}).unsqueeze(0), Error);
}

}  // namespace
}  // namespace cuttle::test
