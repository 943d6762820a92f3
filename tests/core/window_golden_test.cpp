// Convolution and max pooling, forward and backward, as PyTorch has them
// (tests/golden/generate_core.py).
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/max_pool2d.h>

#include "golden_values.h"
#include "laid_out.h"
#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

class WindowGolden : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(WindowGolden);

// The script's values(): torch.rand in float32, less 0.5.
Tensor values(const Shape& shape, uint64_t seed, const Device& device) {
  Generator generator(seed);
  return (rand(shape, {}, generator) - 0.5).to(float64).to(device);
}

Pair pair(const nlohmann::json& list) {
  return {list[0].get<int64_t>(), list[1].get<int64_t>()};
}

// Every n-th element, as the file keeps of large results.
void expect_every(const Tensor& actual, const nlohmann::json& c, const char* name, double rtol) {
  const auto all = actual.to_vector<double>();
  std::vector<double> some;
  for (size_t i = 0; i < all.size(); i += c["every"].get<size_t>()) some.push_back(all[i]);
  // Sums of up to a few hundred products below 0.25.
  expect_same(tensor(some), numbers(c[name]), rtol, rtol, name + c["x"].dump() + c["w"].dump());
}

// The layouts that inputs are tried in, and the channels-last one.
std::vector<Tensor> in_layouts(const Tensor& x) {
  std::vector<Tensor> all = laid_out(x);
  all.push_back(x.contiguous(MemoryFormat::channels_last));
  return all;
}

Tensor conv2d_input(const nlohmann::json& c, const Device& device) {
  Tensor x = values(shape_of(c["x"]), 1, device);
  if (!c["edges"].get<bool>()) return x;
  Tensor flat = x.view(-1);
  flat[3] = NAN, flat[19] = INFINITY, flat[24] = -INFINITY;
  return x;
}

void check_conv2d(const nlohmann::json& c, Tensor x, Tensor w, const Device& device) {
  const DType dtype = x.dtype();
  Tensor b = values({w.size(0)}, 3, device).to(dtype).requires_grad_();
  x = x.detach().requires_grad_(), w = w.detach().requires_grad_();
  const Tensor y = conv2d(x, w, b,
                          {.stride = pair(c["stride"]),
                           .padding = pair(c["padding"]),
                           .dilation = pair(c["dilation"]),
                           .groups = c["groups"].get<int64_t>()});
  ASSERT_EQ(y.shape(), shape_of(c["shape"])) << c["x"] << c["w"];
  EXPECT_TRUE(y.is_contiguous(MemoryFormat::channels_last));
  (y * values(y.shape(), 4, device).to(dtype)).sum().backward();
  const double rtol = dtype == float64 ? 1e-12 : 2e-5;
  expect_every(y, c, "y", rtol);
  expect_every(x.grad(), c, "dx", rtol);
  expect_every(w.grad(), c, "dw", rtol);
  expect_every(b.grad(), c, "db", rtol);
  for (const Tensor& leaf : {x, w})
    if (leaf.is_contiguous() || leaf.is_contiguous(MemoryFormat::channels_last)) {
      EXPECT_EQ(leaf.grad().strides(), leaf.strides());
    }
}

TEST_P(WindowGolden, Conv2d) {
  const auto golden = load_golden("core.json");
  for (const auto& c : golden["conv2d"])
    for (const DType dtype : {float64, float32}) {
      const auto x = in_layouts(conv2d_input(c, device()).to(dtype));
      const auto w = in_layouts(values(shape_of(c["w"]), 2, device()).to(dtype));
      for (size_t i = 0; i < x.size(); ++i) check_conv2d(c, x[i], w[i], device());
    }
}

TEST_P(WindowGolden, MaxPool2d) {
  const auto golden = load_golden("core.json");
  for (const auto& c : golden["max_pool2d"])
    for (const DType dtype : {float64, float32})
      for (const Tensor& laid : in_layouts(
               tensor(numbers(c["values"]), shape_of(c["x"]), {.dtype = dtype}).to(device()))) {
        Tensor x = laid.detach().requires_grad_();
        const Tensor y = max_pool2d(x, pair(c["kernel"]),
                                    {.stride = pair(c["stride"]),
                                     .padding = pair(c["padding"]),
                                     .dilation = pair(c["dilation"]),
                                     .ceil_mode = c["ceil_mode"].get<bool>()});
        ASSERT_EQ(y.shape(), shape_of(c["shape"])) << c["x"] << c["kernel"];
        expect_same(y, numbers(c["y"]), 0, 1e-7, "y " + c["x"].dump() + c["kernel"].dump());
        y.backward(tensor(numbers(c["dy"]), y.shape(), {.dtype = dtype, .device = device()}));
        expect_same(x.grad(), numbers(c["dx"]), 1e-6, 1e-6,
                    "dx " + c["x"].dump() + c["kernel"].dump());
      }
}

// Literals from torch.nn.functional.max_pool2d: the first of equals, the last of several NaN, −inf
// as good as any number and better than padding.
TEST_P(WindowGolden, MaxPool2dOfNaNInfinitiesAndTies) {
  const float inf = INFINITY, nan = NAN;
  Tensor x = tensor<float>({1, 1, 0, nan, -inf, -inf,  //
                            1, 1, 5, nan, -inf, -inf})
                 .reshape({1, 1, 2, 6})
                 .to(device());
  x.requires_grad_();
  const Tensor y = max_pool2d(x, 2);
  expect_same(y, {1, nan, -inf}, 0, 0, "y");
  y.backward(tensor({1.f, 2.f, 3.f}).reshape({1, 1, 1, 3}).to(device()));
  expect_same(x.grad(), {1, 0, 0, 0, 3, 0, 0, 0, 0, 2, 0, 0}, 0, 0, "dx");

  Tensor padded =
      tensor({-inf, -inf, nan, -inf, -inf, -inf, nan, inf, inf}).reshape({1, 1, 3, 3}).to(device());
  padded.requires_grad_();
  const Tensor z = max_pool2d(padded, 3, {.stride = 2, .padding = 1});
  expect_same(z, {-inf, nan, nan, inf}, 0, 0, "padded y");
  z.backward(tensor({1.f, 2.f, 3.f, 4.f}).reshape({1, 1, 2, 2}).to(device()));
  expect_same(padded.grad(), {1, 0, 2, 0, 0, 0, 3, 4, 0}, 0, 0, "padded dx");
}

}  // namespace
}  // namespace cuttle::test
