// Cross-entropy with all its options as PyTorch has it (tests/golden/generate_core.py).
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/losses/cross_entropy.h>

#include <map>

#include "golden_values.h"
#include "laid_out.h"
#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

class LossGolden : public DeviceTest {
 protected:
  const nlohmann::json golden = load_golden("core.json")["cross_entropy"];
};
CUTTLE_INSTANTIATE_DEVICES(LossGolden);

TEST_P(LossGolden, CrossEntropyWithAllOptions) {
  const std::map<std::string, LossReduction> reductions = {
      {"mean", LossReduction::mean}, {"sum", LossReduction::sum}, {"none", LossReduction::none}};
  const Tensor target = tensor(golden["target"].get<std::vector<int64_t>>(), {7}).to(device());
  ASSERT_EQ(golden["cases"].size(), 36);
  for (const DType dtype : {float64, float32})
    for (const auto& c : golden["cases"]) {
      const TensorOptions options{.dtype = dtype, .device = device()};
      Tensor x = tensor(numbers(golden["x"]), {7, 5}, options).requires_grad_();
      const Tensor weight = tensor(numbers(golden["weight"]), {5}, options);
      const Tensor y = cross_entropy(x, target, c["weighted"].get<bool>() ? weight : Tensor(),
                                     {.reduction = reductions.at(c["reduction"]),
                                      .ignore_index = c["ignore_index"],
                                      .label_smoothing = c["label_smoothing"]});
      const double rtol = dtype == float64 ? 1e-12 : 3e-6;
      expect_near(y, numbers(c["y"]), rtol, rtol, c.dump());
      Generator generator(8);
      (y * (rand(y.shape(), {}, generator) - 0.5).to(dtype).to(device())).sum().backward();
      expect_near(x.grad(), numbers(c["dx"]), rtol, rtol, "gradient of " + c.dump());
    }
}

TEST_P(LossGolden, CrossEntropyAtEdgesInEveryLayout) {
  const auto& c = golden["edges"];
  const Tensor target = tensor(c["target"].get<std::vector<int64_t>>(), {7}).to(device());
  const Tensor whole = tensor(numbers(c["x"]), {7, 3}, {.dtype = float64}).to(device());
  for (const Tensor& laid : laid_out(whole)) {
    Tensor x = laid.detach().requires_grad_();
    const Tensor y = cross_entropy(x, target, {}, {.reduction = LossReduction::none});
    expect_same(y, numbers(c["y"]), 1e-12, 1e-12, "loss");
    y.sum().backward();
    expect_same(x.grad(), numbers(c["dx"]), 1e-12, 1e-12, "gradient");
  }
}

TEST_P(LossGolden, NothingToAverage) {
  const TensorOptions options{.device = device()};
  const Tensor none = zeros({0}, {.dtype = int64, .device = device()});
  expect_same(cross_entropy(zeros({0, 3}, options), none), numbers(golden["empty_mean"]), 0, 0, "");
  expect_same(cross_entropy(zeros({0, 3}, options), none, {}, {.reduction = LossReduction::sum}),
              numbers(golden["empty_sum"]), 0, 0, "");
  expect_same(
      cross_entropy(zeros({2, 3}, options), full({2}, 1, {.dtype = int64, .device = device()}), {},
                    {.ignore_index = 1}),
      numbers(golden["all_ignored_mean"]), 0, 0, "");
}

// As torch.nn.functional.cross_entropy: log 4, and a quarter each, for every c.
TEST_P(LossGolden, LargeLogitsKeepTheirDigits) {
  const Tensor target = tensor<int64_t>({1}).to(device());
  for (const double c : {0.0, 1e4, 1e6, 1e7, 1e8}) {
    Tensor x = full({1, 4}, c, {.device = device()}).requires_grad_();
    const Tensor loss = cross_entropy(x, target);
    loss.backward();
    expect_near(loss, {1.386294361}, 0, 2e-7, "loss at " + std::to_string(c));
    expect_near(x.grad(), {0.25, -0.75, 0.25, 0.25}, 1e-7, 0, "gradient at " + std::to_string(c));
    expect_near(x.log_softmax(1), std::vector<double>(4, -1.386294361), 0, 2e-7, "log_softmax");
  }
}

TEST_P(LossGolden, FarApartLogitsStayFinite) {
  Tensor x = tensor({1e4f, -1e4f, 0.f, 0.f, 1e30f, -1e30f}).reshape({2, 3}).to(device());
  x.requires_grad_();
  const Tensor loss =
      cross_entropy(x, tensor<int64_t>({0, 0}).to(device()), {}, {.reduction = LossReduction::sum});
  loss.backward();
  EXPECT_EQ(loss.item<float>(), 1e30f);
  expect_near(x.grad(), {0, 0, 0, -1, 1, 0}, 1e-6, 0, "gradient");
}

}  // namespace
}  // namespace cuttle::test
