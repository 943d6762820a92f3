// What users get wrong, operation by operation: each a sentence with what was given.
#include <cuttle/core/cuda.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/linear.h>
#include <cuttle/core/ops/losses/cross_entropy.h>
#include <cuttle/core/ops/max_pool2d.h>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class Errors : public DeviceTest {
 protected:
  Tensor f(const Shape& shape) const { return ones(shape, {.device = device()}); }
  Tensor d(const Shape& shape) const { return ones(shape, {.dtype = float64, .device = device()}); }
  Tensor i(const Shape& shape) const { return ones(shape, {.dtype = int64, .device = device()}); }

  template <class F>
  static void expect(F&& action, const std::string& sentence) {
    EXPECT_EQ(error_of(action), sentence);
  }
};
CUTTLE_INSTANTIATE_DEVICES(Errors);

TEST_P(Errors, UndefinedTensors) {
  const std::string rest =
      ": got an undefined tensor; was a default-constructed Tensor never assigned?";
  const Tensor none;
  expect([&] { (void)(f({2}) + none); }, "add" + rest);
  expect([&] { (void)(none * 2); }, "mul" + rest);
  expect([&] { (void)(none < f({2})); }, "lt" + rest);
  expect([&] { (void)none.exp(); }, "exp" + rest);
  expect([&] { (void)matmul(none, f({2})); }, "matmul" + rest);
  expect([&] { (void)conv2d(none, f({1, 1, 1, 1})); }, "conv2d" + rest);
  expect([&] { (void)max_pool2d(none, 2); }, "max_pool2d" + rest);
  expect([&] { (void)cross_entropy(none, i({2})); }, "cross_entropy" + rest);
  expect([&] { (void)cat({f({2}), none}); }, "cat" + rest);
  expect([&] { f({2}).copy_(none); }, "copy_" + rest);
  expect([&] { (void)none.shape(); },
         "this tensor is undefined: it was default-constructed and never assigned");
}

TEST_P(Errors, ElementAccess) {
  expect([&] { (void)f({2}).item(); },
         "item: only a tensor of one element has one value, got shape [2]");
  expect([&] { (void)f({2}).data<int64_t>(); },
         "data<int64>: the tensor is float32; convert it with .to(int64)");
  expect([&] { (void)f({2}).size(1); },
         "size: dimension 1 is out of range for a tensor of 1 dimensions; -1 to 0 are valid");
  expect([&] { (void)f({}).size(0); }, "size: a tensor without dimensions has no size along 0");
}

TEST_P(Errors, TypesThatAnOperationLacks) {
  const Tensor b = f({2}) == f({2});
  expect([&] { (void)b.neg(); },
         "neg: not defined for bool; convert first, with .to(int64) for example");
  expect([&] { (void)(b - b); },
         "sub: not defined for bool; convert first, with .to(int64) for example");
  expect(
      [&] { (void)i({2}).mean(); },
      "mean: expected a floating dtype, got int64; convert first, with .to(float32) for example");
  expect([&] { (void)i({2}).softmax(0); },
         "softmax: expected float32 or float64, got int64; convert first, with .to(float32) for "
         "example");
  expect(
      [&] {
        (void)linear(i({2, 2}), i({2, 2}));
      },
      "linear: expected float32 or float64, got int64; convert first, with .to(float32) for "
      "example");
  expect([&] { (void)pow(i({2}), -1); },
         "pow: integers have no negative integer powers; convert first, with .to(float32)");
  expect([&] { (void)b.argmax(0); },
         "argmax: not defined for bool; convert first, with .to(float32) for example");
}

TEST_P(Errors, Shapes) {
  expect(
      [&] {
        (void)(f({2, 3}) * f({4}));
      },
      "mul: shapes [2, 3] and [4] do not broadcast: dimension 1 is 3 in one and 4 in the other; "
      "they must be equal, or one of them 1");
  expect(
      [&] {
        (void)matmul(f({2, 3}), f({2, 3}));
      },
      "matmul: shapes [2, 3] and [2, 3] do not fit: 3 columns meet 2 rows; is a .t() missing?");
  expect([&] { (void)matmul(f({}), f({2})); },
         "matmul: both operands need at least one dimension, got shapes [] and [2]; use * for "
         "scalars");
  expect(
      [&] {
        (void)linear(f({4, 3}), f({2, 5}));
      },
      "linear: expected 5 input features, got 3 (input [4, 3], weight [2, 5]); is a Flatten "
      "missing, or its size another?");
  expect(
      [&] {
        (void)linear(f({4, 3}), f({2, 3}), f({3}));
      },
      "linear: the bias must have shape [2], got [3]");
  expect([&] { (void)f({2, 3}).sum({0, -2}); }, "sum: dimension -2 is given twice");
  expect(
      [&] {
        (void)f({0, 3}).argmax(0);
      },
      "argmax: dimension 0 of shape [0, 3] is empty and has no result; reduce over one that is "
      "not");
}

TEST_P(Errors, Convolutions) {
  const Tensor x = f({1, 3, 8, 8});
  expect(
      [&] {
        (void)conv2d(f({1, 1, 8, 8}), f({4, 3, 3, 3}));
      },
      "conv2d: expected 3 input channels, got 1 (input [1, 1, 8, 8], weight [4, 3, 3, 3], groups "
      "1)");
  expect(
      [&] {
        (void)conv2d(f({3, 8, 8}), f({4, 3, 3, 3}));
      },
      "conv2d: expected an input of shape (N, C, H, W), got [3, 8, 8]; a single image needs "
      ".unsqueeze(0)");
  expect(
      [&] {
        (void)conv2d(x, f({4, 3, 9, 3}));
      },
      "conv2d: the kernel (9, 3) with dilation (1, 1) does not fit into the input [1, 3, 8, 8] "
      "with padding (0, 0); use more padding or a smaller kernel");
  expect(
      [&] {
        (void)conv2d(x, f({4, 3, 3, 3}), f({3}));
      },
      "conv2d: the bias must have shape [4], got [3]");
  expect(
      [&] {
        (void)conv2d(x, f({4, 1, 3, 3}), {}, {.groups = 3});
      },
      "conv2d: 4 output channels cannot be split into 3 groups");
  expect(
      [&] {
        (void)conv2d(x, f({4, 3, 3, 3}), {}, {.stride = {1, 0}});
      },
      "conv2d: the stride must be at least 1, got (1, 0)");
  expect(
      [&] {
        (void)conv2d(x, f({4, 3, 3, 3}), {}, {.padding = -1});
      },
      "conv2d: the padding must not be negative, got (-1, -1)");
  expect(
      [&] {
        (void)conv2d(x, f({4, 3, 3, 3}), {}, {.dilation = 0});
      },
      "conv2d: the dilation must be at least 1, got (0, 0)");
  const std::string place = device().str();
  expect(
      [&] {
        (void)conv2d(x, d({4, 3, 3, 3}));
      },
      "conv2d: all tensors must have one dtype, got float32 (shape [1, 3, 8, 8]) and float64 "
      "(shape [4, 3, 3, 3]); convert one with .to(dtype)");
  EXPECT_THROW((void)conv2d(i({1, 3, 8, 8}), i({4, 3, 3, 3})), Error);
}

TEST_P(Errors, Pooling) {
  const Tensor x = f({1, 2, 4, 4});
  expect(
      [&] {
        (void)max_pool2d(x, {2, 5});
      },
      "max_pool2d: the kernel (2, 5) does not fit into the input [1, 2, 4, 4]");
  expect([&] { (void)max_pool2d(x, 2, {.padding = 2}); },
         "max_pool2d: the padding must be at most half the kernel (2, 2), got (2, 2)");
  expect([&] { (void)max_pool2d(x, 0); },
         "max_pool2d: kernel and stride must be at least 1, got (0, 0) and (0, 0)");
  expect(
      [&] {
        (void)max_pool2d(f({1, 1, 2, 2}), 2, {.padding = 1, .dilation = 3});
      },
      "max_pool2d: with padding (1, 1) and dilation (3, 3) a window of the kernel (2, 2) holds no "
      "element of the input [1, 1, 2, 2]; use less padding or dilation");
  EXPECT_THROW((void)max_pool2d(i({1, 1, 2, 2}), 2), Error);
}

TEST_P(Errors, CrossEntropy) {
  expect(
      [&] {
        (void)cross_entropy(f({2, 3, 4}), i({2}));
      },
      "cross_entropy: expected targets of shape [2, 4] for an input of shape [2, 3, 4], got [2]");
  expect(
      [&] {
        (void)cross_entropy(f({2, 3}), f({2}));
      },
      "cross_entropy: expected class indices of dtype int64 and shape [2] or class probabilities "
      "of "
      "shape [2, 3], got float32 [2]");
  expect(
      [&] {
        (void)cross_entropy(f({2, 3}), i({2}).to(int32));
      },
      "cross_entropy: targets are class indices of dtype int64, got int32; convert with "
      ".to(int64)");
  expect(
      [&] {
        (void)cross_entropy(f({2, 3}), i({2, 3}));
      },
      "cross_entropy: expected targets of shape [2] for an input of shape [2, 3], got [2, 3]; if "
      "they are "
      "one-hot, .argmax(1) gives the class indices");
  expect(
      [&] {
        (void)cross_entropy(f({2, 3}), i({2, 1}));
      },
      "cross_entropy: expected targets of shape [2] for an input of shape [2, 3], got [2, 1]; "
      ".squeeze(-1) "
      "drops the last dimension");
  expect(
      [&] {
        (void)cross_entropy(f({2, 3}), i({3}));
      },
      "cross_entropy: expected targets of shape [2] for an input of shape [2, 3], got [3]");
  expect(
      [&] {
        (void)cross_entropy(f({2, 3}), i({2}), f({2}));
      },
      "cross_entropy: expected one weight for each of 3 classes, got shape [2]");
  expect(
      [&] {
        (void)cross_entropy(f({2, 3}), i({2}), {}, {.label_smoothing = 1.5});
      },
      "cross_entropy: label_smoothing must lie in [0, 1], got 1.5");
  expect(
      [&] {
        (void)cross_entropy(f({2, 0}), i({2}));
      },
      "cross_entropy: an input of shape [2, 0] has no class");
}

// On a GPU the error comes with the next wait for the device.
TEST_P(Errors, ATargetOutOfRange) {
  for (const int64_t bad : {int64_t{3}, int64_t{-1}, INT64_MAX, INT64_MIN}) {
    const Tensor target = tensor<int64_t>({0, bad}).to(device());
    const std::string sentence = error_of([&] { (void)cross_entropy(f({2, 3}), target).item(); });
    EXPECT_EQ(sentence.find("cross_entropy: "), 0) << sentence;
    EXPECT_EQ(cross_entropy(f({2, 3}), i({2})).dim(), 0);  // and the device goes on
    EXPECT_NEAR(cross_entropy(f({2, 3}), i({2})).item(), 1.0986123, 1e-6);
  }
}

TEST_P(Errors, MixedDevices) {
  if (device().is_cpu() && !cuda::is_available())
    GTEST_SKIP() << "needs a CUDA device: " << cuda::why_unavailable();
  const Tensor here = ones({2}), there = ones({3, 2}, {.device = "cuda"});
  const std::string rest =
      ": all tensors must be on one device, got cpu (shape [2]) and cuda:0 "
      "(shape [3, 2]); move one with .to(device)";
  expect([&] { (void)(here + there); }, "add" + rest);
  expect([&] { (void)(here == there); }, "eq" + rest);
  expect(
      [&] { (void)matmul(here, there.t()); },
      "matmul: all tensors must be on one device, got cpu (shape [2]) and cuda:0 (shape [2, 3]); "
      "move one with .to(device)");
  expect(
      [&] {
        (void)linear(there, ones({2, 2}), {});
      },
      "linear: all tensors must be on one device, got cuda:0 (shape [3, 2]) and cpu (shape [2, "
      "2]); move one with .to(device)");
  expect([&] { Tensor(there).add_(here); },
         "add_: all tensors must be on one device, got cuda:0 (shape [3, 2]) and cpu (shape [2]); "
         "move one with .to(device)");
}

}  // namespace
}  // namespace cuttle::test
