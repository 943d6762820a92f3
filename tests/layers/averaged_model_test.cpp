// AveragedModel against the formulas in double precision, with buffers, on every device and across
// devices and dtypes; its state; what it refuses; update_bn.
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/creation.h>
#include <cuttle/layers/averaged_model.h>
#include <cuttle/layers/convolution/conv2d.h>
#include <cuttle/layers/dropout.h>
#include <cuttle/layers/linear.h>
#include <cuttle/layers/normalization/batch_norm.h>
#include <cuttle/layers/sequential.h>
#include <cuttle/layers/update_bn.h>

#include <tuple>

#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class AveragedModelTest : public DeviceTest {
 protected:
  Sequential make(DType dtype = float64) {
    Sequential model{Linear(2, 3), BatchNorm1d(3)};
    model.to(device(), dtype);
    return model;
  }
  static void fill(const Module& model, double value) {
    for (const Tensor& param : model.parameters()) param.detach().fill_(value);
    for (const auto& [name, buffer] : model.named_buffers()) buffer.detach().fill_(value);
  }
  static void expect_all(const std::vector<Tensor>& tensors, double value, double tolerance) {
    for (const Tensor& each : tensors)
      expect_near(each, std::vector<double>(static_cast<size_t>(each.numel()), value), tolerance,
                  tolerance, "average");
  }
};
CUTTLE_INSTANTIATE_DEVICES(AveragedModelTest);

TEST_P(AveragedModelTest, EqualAverageOfParametersAndBuffers) {
  Sequential model = make();
  Sequential twin = make();
  AveragedModel average(std::move(twin), model, {.use_buffers = true});
  average.to(device());
  EXPECT_EQ(average.module.parameters()[0].to_vector<double>(),
            model.parameters()[0].to_vector<double>());
  double sum = 0;
  for (int n = 1; n <= 5; ++n) {
    fill(model, n * n);
    sum += n * n;
    average.update_parameters(model);
    expect_all(average.module.parameters(), sum / n, 1e-14);
    EXPECT_EQ(average.n_averaged.item(), n);
    for (const auto& [name, buffer] : average.module.named_buffers())
      expect_all({buffer}, is_floating_point(buffer.dtype()) ? sum / n : n * n, 1e-14);
  }
}

TEST_P(AveragedModelTest, ExponentialAverageOnAnotherDeviceOfAnotherDType) {
  Sequential model = make(float32);
  AveragedModel average(Sequential{Linear(2, 3), BatchNorm1d(3)}, model,
                        {.avg_fn = get_ema_avg_fn(0.75)});
  average.to(float64);
  double expected = 0;
  for (int n = 1; n <= 5; ++n) {
    fill(model, n);
    expected = n == 1 ? n : 0.75 * expected + 0.25 * n;
    average.update_parameters(model);
    expect_all(average.module.parameters(), expected, 1e-14);
    expect_all(average.module.buffers(), n, 0);  // copied
  }
}

TEST_P(AveragedModelTest, StateGoesOnAndForwardUsesTheAverages) {
  Sequential model = make();
  AveragedModel first(make(), model), second(make(), model);
  first.to(device());
  second.to(device());
  fill(model, 1);
  first.update_parameters(model);
  EXPECT_EQ(first.state_dict().begin()->first, "n_averaged");
  second.load_state_dict(first.state_dict());
  fill(model, 3);
  second.update_parameters(model);
  expect_all(second.module.parameters(), 2, 1e-15);
  EXPECT_EQ(second.state_dict().at("module.0.weight").shape(), (Shape{3, 2}));
  second.eval();
  const Tensor x = ones({4, 2}, {.dtype = float64, .device = device()});
  EXPECT_EQ(second(x).to_vector<double>(), second.module(x).to_vector<double>());
}

TEST_P(AveragedModelTest, AllAtOnceIsOneByOne) {
  for (const DType dtype : {float32, float64, bfloat16}) {
    const auto make = [&] {
      Sequential model{Conv2d(3, 4, 3), Linear(40, 30), BatchNorm1d(30)};  // one is channels-last
      model.to(device(), dtype);
      return model;
    };
    const auto averaged = [&](const AveragedModelOptions& options) {
      manual_seed(6);
      const Sequential model = make();
      AveragedModel average(make(), model, options);
      average.to(device());
      for (int n = 0; n < 3; ++n) {
        for (const Tensor& param : model.parameters()) param.detach().uniform_();
        average.update_parameters(model);
      }
      std::vector<std::vector<double>> all;
      for (const Tensor& param : average.parameters()) all.push_back(param.to_vector<double>());
      return all;
    };
    EXPECT_EQ(averaged({.multi_avg_fn = get_ema_multi_avg_fn(0.9)}),
              averaged({.avg_fn = get_ema_avg_fn(0.9)}));
    EXPECT_EQ(averaged({}), averaged({.avg_fn = get_swa_avg_fn()}));
  }
}

TEST_P(AveragedModelTest, UpdateBnAveragesTheBatchesStatistics) {
  Sequential model{BatchNorm1d(1, {.momentum = 0.25}), Dropout(0.5)};
  model.to(device());
  model[1].eval();
  fill(model, 9);  // what other weights left
  const auto column = [](std::vector<double> values) {
    const Shape shape{static_cast<int64_t>(values.size()), 1};
    return tensor(values, shape).to(float32);
  };
  const auto expect = [&] {
    const auto& norm = model.at<BatchNorm1d>(0);
    EXPECT_EQ(norm.running_mean.item(), 4);  // of 2 and 6
    EXPECT_EQ(norm.running_var.item(), 10);  // of 2 and 18, which divide by N − 1
    EXPECT_EQ(norm.num_batches_tracked.item(), 2);
    EXPECT_EQ(norm.options().momentum, 0.25);
    EXPECT_TRUE(norm.is_training());
    EXPECT_FALSE(model[1].is_training());
  };
  const std::vector<Tensor> inputs{column({1, 3}), column({3, 9})};
  update_bn(inputs, model, device());
  expect();
  std::vector<std::tuple<Tensor, int>> batches;
  for (const Tensor& input : inputs) batches.emplace_back(input.to(device()), 0);
  update_bn(batches, model);
  expect();
  EXPECT_TRUE(is_grad_enabled());
  const std::vector<Tensor> wrong{column({1, 3}).to(device()), zeros({2, 5}).to(device())};
  EXPECT_NE(error_of([&] { update_bn(wrong, model); }).find("expected 1 channels, got 5"),
            std::string::npos);
  EXPECT_EQ(model.at<BatchNorm1d>(0).options().momentum, 0.25);
  EXPECT_FALSE(model[1].is_training());
}

TEST_P(AveragedModelTest, UpdateBnOfAModelWithoutReadsNothing) {
  Sequential model{Linear(2, 3)};
  update_bn(std::vector<Tensor>{zeros({2, 7})}, model);  // which no Linear(2, 3) takes
  EXPECT_TRUE(model.is_training());
}

TEST_P(AveragedModelTest, Refuses) {
  Sequential model = make();
  AveragedModel average(make(), model);
  const Sequential other{Linear(2, 4), BatchNorm1d(4)}, shorter{Linear(2, 3)};
  EXPECT_EQ(error_of([&] { average.update_parameters(other); }),
            "AveragedModel: the model has \"0.weight\" [4, 2] where the averages have \"0.weight\" "
            "[3, 2]; both have to be models of one kind");
  EXPECT_EQ(
      error_of([&] { average.update_parameters(shorter); }),
      "AveragedModel: the model has 2 parameters, the averages have 4; both have to be models "
      "of one kind");
  EXPECT_EQ(error_of([&] {
              AveragedModel(make(), model,
                            {.avg_fn = get_swa_avg_fn(), .multi_avg_fn = get_swa_multi_avg_fn()});
            }),
            "AveragedModel: expected avg_fn or multi_avg_fn, got both");
  EXPECT_EQ(error_of([] { get_ema_multi_avg_fn(-1); }),
            "get_ema_multi_avg_fn: decay must be from 0 to 1, got -1");
  EXPECT_EQ(error_of([] { get_ema_avg_fn(2); }),
            "get_ema_avg_fn: decay must be from 0 to 1, got 2");
}

}  // namespace
}  // namespace cuttle::test
