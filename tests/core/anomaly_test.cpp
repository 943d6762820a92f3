// Anomaly mode: the operation whose backward makes the first NaN, and where it was recorded.
#include <cuttle/core/autograd/anomaly.h>
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/record.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>

#include <thread>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {

// With a name of its own in the symbol table.
[[gnu::noinline]] Tensor function_with_a_mistake(const Tensor& x);
Tensor function_with_a_mistake(const Tensor& x) {
  return x.sqrt() * 2;
}

namespace {

using ::testing::Test;

class Anomaly : public DeviceTest {
 protected:
  Tensor leaf(std::initializer_list<double> values) const {
    return tensor(values).to(device()).requires_grad_();
  }
};
CUTTLE_INSTANTIATE_DEVICES(Anomaly);

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// 0 · ∞: sqrt has an infinite slope at 0, and nothing comes back.
Tensor loss_with_nan(const Tensor& x) {
  return (function_with_a_mistake(x) * 0).sum();
}

TEST_P(Anomaly, NamesTheOperationAndItsPlace) {
  const Tensor x = leaf({0, 1});
  const DetectAnomaly detect_anomaly;
  const AnomalyLabel epoch("epoch 3"), batch("batch 7");
  const Tensor loss = loss_with_nan(x);
  const std::string error = error_of([&] { loss.backward(); });
  EXPECT_EQ(error.find("backward of 'sqrt' gave NaN in the gradient of its input 0 (1 of the 2 "
                       "elements of shape [2]). 'sqrt' was recorded here:\n  in epoch 3 > batch 7"),
            0u)
      << error;
  EXPECT_TRUE(contains(error, "function_with_a_mistake")) << error;
  EXPECT_FALSE(contains(error, "put_on_tape")) << error;
  EXPECT_FALSE(x.grad().defined());
}

TEST_P(Anomaly, IsOffOtherwise) {
  const Tensor x = leaf({0, 1});
  EXPECT_FALSE(is_anomaly_enabled());
  loss_with_nan(x).backward();
  EXPECT_TRUE(std::isnan(x.grad().to_vector<double>()[0]));
  const Tensor loss = loss_with_nan(x);
  const DetectAnomaly detect_anomaly;
  EXPECT_EQ(
      error_of([&] { loss.backward(); }),
      "backward of 'sqrt' gave NaN in the gradient of its input 0 (1 of the 2 elements of shape "
      "[2]). 'sqrt' was recorded outside of anomaly mode; turn it on before the forward, too");
  bool elsewhere = true;
  std::thread([&] { elsewhere = is_anomaly_enabled(); }).join();
  EXPECT_FALSE(elsewhere);
}

TEST_P(Anomaly, MayLookForNoNan) {
  const Tensor x = leaf({0, 1});
  {
    const DetectAnomaly detect_anomaly(/*check_nan=*/false);
    loss_with_nan(x).backward();
    EXPECT_TRUE(std::isnan(x.grad().to_vector<double>()[0]));
    EXPECT_FALSE(is_anomaly_check_nan_enabled());
  }
  set_detect_anomaly(true);
  EXPECT_TRUE(is_anomaly_check_nan_enabled());
  set_detect_anomaly(false);
  EXPECT_FALSE(is_anomaly_enabled());
}

TEST_P(Anomaly, TellsWhereTheOperationOfAnErrorWasRecorded) {
  const Tensor x = leaf({0, 1});
  const DetectAnomaly detect_anomaly;
  const AnomalyLabel label("here");
  Tensor h = x * 2;
  const Tensor y = (h * h).sum();
  h.add_(1);
  const std::string error = error_of([&] { y.backward(); });
  EXPECT_TRUE(contains(error, "changed in place")) << error;
  EXPECT_TRUE(contains(error, "\n'mul' was recorded here:\n  in here\n")) << error;
}

TEST_P(Anomaly, KnowsWhoseBackwardRecordedAnOperation) {
  const Tensor x = leaf({0, 1});
  const DetectAnomaly detect_anomaly;
  Tensor first;
  {
    const AnomalyLabel forward("the forward");
    first = grad(record("root", x.detach() * 1, {x},
                        [x](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
                          return {gradient * x.sqrt() * 0};
                        })
                     .sum(),
                 {x}, {}, {.create_graph = true})[0];
  }
  const std::string error = error_of([&] { first.sum().backward(); });
  EXPECT_EQ(error.find("backward of 'sqrt' gave NaN"), 0u) << error;
  EXPECT_TRUE(contains(error,
                       "\nby the backward of 'root', which was recorded here:\n  in the "
                       "forward"))
      << error;
}

}  // namespace
}  // namespace cuttle::test
