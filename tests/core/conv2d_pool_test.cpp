// conv2d_max_pool2d: PyTorch's values for the operations one after the other
// (tests/golden/generate_core.py), this library's own chain, finite differences, and its Errors.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/gradcheck.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/conv2d_pool.h>
#include <cuttle/core/ops/max_pool2d.h>

#include "golden_values.h"
#include "laid_out.h"
#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

class Conv2dPool : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(Conv2dPool);

using Inputs = std::vector<Tensor>;
constexpr Activation kActivations[] = {Activation::none, Activation::relu};

Pair pair(const nlohmann::json& list) {
  return {list[0].get<int64_t>(), list[1].get<int64_t>()};
}

void follow(const nlohmann::json& c, const Tensor& laid, Tensor w, Tensor b) {
  const DType dtype = laid.dtype();
  Tensor x = laid.detach().requires_grad_();
  w = w.detach().requires_grad_(), b = b.detach().requires_grad_();
  const bool relu = c["relu"].get<bool>();
  const Tensor y = conv2d_max_pool2d(x, w, b,
                                     {.stride = pair(c["stride"]),
                                      .padding = pair(c["padding"]),
                                      .dilation = pair(c["dilation"]),
                                      .groups = c["groups"].get<int64_t>()},
                                     relu ? Activation::relu : Activation::none);
  const std::string what = c["x"].dump() + c["w"].dump() + (relu ? " relu" : "");
  ASSERT_EQ(y.shape(), shape_of(c["shape"])) << what;
  EXPECT_TRUE(y.is_contiguous(MemoryFormat::channels_last));
  y.backward(tensor(numbers(c["dy"]), y.shape(), {.dtype = dtype, .device = x.device()}));
  // Sums of up to a hundred products below 1.
  const double rtol = dtype == float64 ? 1e-12 : 2e-5;
  expect_same(y, numbers(c["y"]), rtol, rtol, what + " y");
  expect_same(x.grad(), numbers(c["dx"]), rtol, rtol, what + " dx");
  expect_same(w.grad(), numbers(c["dw"]), rtol, rtol, what + " dw");
  expect_same(b.grad(), numbers(c["db"]), rtol, rtol, what + " db");
}

TEST_P(Conv2dPool, FollowsPyTorchInEveryLayout) {
  const auto golden = load_golden("core.json");
  for (const auto& c : golden["conv2d_pool"])
    for (const DType dtype : {float64, float32}) {
      const auto given = [&](const char* name, const Shape& shape) {
        return tensor(numbers(c[name]), shape, {.dtype = dtype}).to(device());
      };
      const Tensor x = given("x_values", shape_of(c["x"])), w = given("w_values", shape_of(c["w"]));
      const Tensor b = given("b_values", {w.size(0)});
      const auto x_laid = laid_out(x), w_laid = laid_out(w);
      for (size_t i = 0; i < x_laid.size(); ++i) follow(c, x_laid[i], w_laid[i], b);
    }
}

struct Case {
  Shape x, w;
  Conv2dOptions options;
};

std::vector<Case> cases() {
  return {{{2, 3, 9, 8}, {8, 3, 5, 5}, {.padding = 2}},
          {{3, 8, 7, 6}, {4, 8, 3, 3}, {.padding = 1}},
          {{1, 4, 11, 12}, {6, 2, 3, 2}, {.stride = {2, 1}, .dilation = {1, 2}, .groups = 2}},
          {{2, 4, 7, 8}, {8, 4, 4, 2}, {.padding = "same"}},
          {{1, 4, 7, 8}, {4, 4, 3, 3}, {.padding = 2, .padding_mode = "reflect"}}};
}

Tensor chain(const Tensor& x, const Tensor& w, const Tensor& b, const Conv2dOptions& options,
             Activation activation) {
  const Tensor c = conv2d(x, w, b, options);
  return max_pool2d(activation == Activation::relu ? c.relu() : c, 2);
}

/// y and the gradients of x, w and b.
template <class Function>
Inputs results(const Function& function, const Case& c, const Device& device, DType dtype,
               Activation activation) {
  Tensor x = sample(c.x, device, dtype, -1, 1, 1).requires_grad_();
  Tensor w = sample(c.w, device, dtype, -1, 1, 2).requires_grad_();
  Tensor b = sample({c.w[0]}, device, dtype, -1, 1, 3).requires_grad_();
  const Tensor y = function(x, w, b, c.options, activation);
  y.backward(sample(y.shape(), device, dtype, -1, 1, 4));
  return {y, x.grad(), w.grad(), b.grad()};
}

TEST_P(Conv2dPool, EqualsTheChain) {
  for (const Case& c : cases())
    for (const DType dtype : {float32, float64})
      for (const Activation activation : kActivations) {
        const Inputs fused = results(conv2d_max_pool2d, c, device(), dtype, activation);
        const Inputs apart = results(chain, c, device(), dtype, activation);
        // The CPU's results are the same sums by the same engine, and so are its float64 gradients.
        // Its float32 gradients leave out what pooling made zero, as a GPU's do, which cuts their
        // sums elsewhere: sums of up to two hundred products below 1.
        const double tolerance = dtype == float64 ? 1e-13 : 5e-5;
        for (size_t i = 0; i < fused.size(); ++i) {
          EXPECT_EQ(fused[i].strides(), apart[i].strides()) << i;
          const bool is_same = device().is_cpu() && (i == 0 || dtype == float64);
          const double most = is_same ? 0 : tolerance;
          expect_near(fused[i].to_vector<double>(), apart[i].to_vector<double>(), most, most,
                      "y, dx, dw, db: " + std::to_string(i));
        }
      }
}

TEST_P(Conv2dPool, HasTheGradientOfFiniteDifferences) {
  for (const Activation activation : kActivations) {
    const auto padded = [=](const Inputs& x) {
      return conv2d_max_pool2d(x[0], x[1], x[2], {.padding = 1}, activation);
    };
    const auto padded_result = gradcheck(
        padded, {variable({2, 2, 5, 4}, device(), -1, 1, 1),
                 variable({3, 2, 3, 3}, device(), -1, 1, 2), variable({3}, device(), -1, 1, 3)});
    EXPECT_TRUE(padded_result) << padded_result.message;
    const auto of_a_view = [=](const Inputs& x) {
      return conv2d_max_pool2d(x[0].transpose(2, 3), x[1], {}, {.stride = {2, 1}, .groups = 2},
                               activation);
    };
    const auto view_result = gradcheck(of_a_view, {variable({1, 4, 4, 7}, device(), -1, 1, 1),
                                                   variable({4, 2, 2, 2}, device(), -1, 1, 2)});
    EXPECT_TRUE(view_result) << view_result.message;
  }
}

TEST_P(Conv2dPool, GivesTheGradientsThatAreAskedForAlone) {
  const Case c = cases()[0];
  const Inputs all = results(conv2d_max_pool2d, c, device(), float64, Activation::relu);
  for (int only = 0; only < 3; ++only) {
    const auto function = [&](const Tensor& x, const Tensor& w, const Tensor& b,
                              const Conv2dOptions& options, Activation activation) {
      return conv2d_max_pool2d(only == 0 ? x : x.detach(), only == 1 ? w : w.detach(),
                               only == 2 ? b : b.detach(), options, activation);
    };
    const Inputs one = results(function, c, device(), float64, Activation::relu);
    for (int i = 0; i < 3; ++i) {
      ASSERT_EQ(one[i + 1].defined(), i == only);
      if (i != only) continue;
      EXPECT_EQ(one[i + 1].to_vector<double>(), all[i + 1].to_vector<double>());
    }
  }
}

TEST_P(Conv2dPool, IsNotRecordedUnderNoGrad) {
  const NoGradGuard no_grad;
  const Tensor y =
      conv2d_max_pool2d(variable({1, 1, 4, 4}, device()), variable({1, 1, 1, 1}, device()));
  EXPECT_FALSE(y.requires_grad());
}

TEST_P(Conv2dPool, SaysWhatIsWrongAsTheSeparateOperations) {
  const auto zeros_of = [&](const Shape& shape) { return zeros(shape, {.device = device()}); };
  EXPECT_EQ(error_of([&] {
              (void)conv2d_max_pool2d(zeros_of({1, 1, 8, 8}), zeros_of({4, 3, 3, 3}));
            }),
            "conv2d: expected 3 input channels, got 1 (input [1, 1, 8, 8], weight [4, 3, 3, 3], "
            "groups 1)");
  EXPECT_EQ(error_of([&] {
              (void)conv2d_max_pool2d(zeros_of({1, 3, 5, 3}), zeros_of({4, 3, 3, 3}));
            }),
            "max_pool2d: the kernel (2, 2) does not fit into the input [1, 4, 3, 1]");
  EXPECT_THROW((void)conv2d_max_pool2d(Tensor(), zeros_of({4, 3, 3, 3})), Error);
  const Tensor whole = zeros({1, 1, 4, 4}, {.dtype = int64, .device = device()});
  EXPECT_THROW((void)conv2d_max_pool2d(whole, whole), Error);
}

}  // namespace
}  // namespace cuttle::test
