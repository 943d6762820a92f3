// SGD in CUDA graphs: replays follow the learning rate, the state and momentum's first step, with
// the bits of steps that were not captured.
#include <cuttle/core/captured_step.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/cuda.h>
#include <cuttle/core/cuda_graph.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/losses/cross_entropy.h>
#include <cuttle/core/tensor_impl.h>
#include <cuttle/layers/convolution/conv2d.h>
#include <cuttle/layers/flatten.h>
#include <cuttle/layers/linear.h>
#include <cuttle/layers/pooling/max_pool.h>
#include <cuttle/layers/sequential.h>
#include <cuttle/optim/sgd.h>

#include <functional>
#include <optional>

#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

const SGDOptions kEverything = {.lr = 0.1, .momentum = 0.9, .dampening = 0.3, .weight_decay = 0.01};

std::vector<float> values(const std::vector<Tensor>& tensors) {
  std::vector<float> all;
  for (const Tensor& each : tensors)
    for (const float value : each.detach().to_vector<float>()) all.push_back(value);
  return all;
}

/// A small model and its optimizer; two of the same seed are alike.
struct Training {
  Training(const Device& device, const SGDOptions& options) : model(seeded()) {
    model.to(device);
    optimizer.emplace(model.parameters(), options);
  }
  static Sequential seeded() {
    manual_seed(3);
    return Sequential{Conv2d(1, 4, 3, {.padding = 1}), MaxPool2d(2), Flatten(), Linear(16, 3)};
  }
  Tensor step(const Tensor& images, const Tensor& targets) {
    const Tensor loss = cross_entropy(model(images), targets);
    optimizer->zero_grad();
    loss.backward();
    optimizer->step();
    return loss;
  }

  Sequential model;
  std::optional<SGD> optimizer;
};

class CapturedSgdSteps : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (!IsSkipped() && !device().is_cpu()) deferred_.emplace();
  }

 private:
  std::optional<DeferredStreams> deferred_;
};
CUTTLE_INSTANTIATE_DEVICES(CapturedSgdSteps);

TEST_P(CapturedSgdSteps, AHundredUnderAChangingRateGiveTheBitsOfAHundredEagerOnes) {
  Training eager(device(), kEverything), captured(device(), kEverything);
  Tensor total = zeros({}, {.device = device()}), expected_total = zeros({}, {.device = device()});
  Tensor hits = zeros({}, {.dtype = int64, .device = device()});
  CapturedStep step([&](const Tensor& images, const Tensor& targets) {
    const Tensor loss = captured.step(images, targets);
    total += loss.detach();
    hits += (targets == targets).sum();
  });
  std::optional<cuda::Stream> other;
  if (!device().is_cpu()) other.emplace();
  for (int i = 0; i < 100; ++i) {
    for (Training* each : {&eager, &captured}) {
      if (i % 7 == 3) each->optimizer->set_lr(0.1 / (1 + i));  // a schedule
      if (i == 50) each->optimizer->options().momentum = 0.8;
    }
    const Tensor images = rand({4, 1, 4, 4}).to(device()),
                 targets = tensor({0, i % 3, 2, 1}).to(int64).to(device());
    {
      std::optional<cuda::StreamGuard> guard;  // replays on changing streams
      if (other && i % 3 == 2) {
        other->wait_stream(cuda::current_stream());
        guard.emplace(*other);
      }
      step(images, targets);
    }
    expected_total += eager.step(images, targets).detach();
  }
  if (other) cuda::current_stream().wait_stream(*other);
  EXPECT_EQ(values(captured.model.parameters()), values(eager.model.parameters()));
  EXPECT_EQ(total.item(), expected_total.item());
  EXPECT_EQ(hits.item<int64_t>(), 400);
  for (const auto& [name, value] : eager.optimizer->state_dict())
    EXPECT_EQ(captured.optimizer->state_dict().at(name).to_vector<double>(),
              value.to_vector<double>())
        << name;
}

/// Two equal parameters: the step of one is captured, that of the other is not.
class CapturedSgd : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!cuda::is_available()) GTEST_SKIP() << "needs a CUDA device: " << cuda::why_unavailable();
    graph_.emplace();
    for (Tensor* each : {&captured_, &eager_}) {
      *each = full({33}, 0.5, {.device = "cuda", .requires_grad = true});
      each->set_grad(full({33}, 0.25, {.device = "cuda"}));
    }
  }
  void capture(const std::function<void()>& steps) {
    const cuda::StreamGuard guard{cuda::Stream()};
    cuda::synchronize();
    cuda::CaptureGuard capturing(*graph_);
    steps();
    capturing.end();
  }
  void expect_equal(const std::string& after) const {
    EXPECT_EQ(values({captured_}), values({eager_})) << after;
  }

  Tensor captured_, eager_;
  std::optional<cuda::CUDAGraph> graph_;
};

TEST_F(CapturedSgd, TheFirstStepsMayBeCapturedTwoToAGraph) {
  SGD captured({captured_}, kEverything), eager({eager_}, kEverything);
  capture([&] {
    captured.step();
    captured.step();
  });
  expect_equal("capture");
  EXPECT_EQ(captured.state_dict().find("state.0.momentum_buffer"), nullptr);
  for (int i = 0; i < 3; ++i) {
    graph_->replay();
    eager.step();
    eager.step();
    expect_equal("a replay");
  }
}

TEST_F(CapturedSgd, FollowsStepsAndStatesFromElsewhere) {
  SGD captured({captured_}, kEverything), eager({eager_}, kEverything);
  eager.step();
  captured.step();
  capture([&] { captured.step(); });
  const auto both = [&](const std::function<void(SGD&)>& change) {
    change(captured);
    change(eager);
    graph_->replay();
    eager.step();
  };
  both([](SGD&) {});
  expect_equal("a replay");
  both([](SGD& each) { each.step(); });
  expect_equal("a step that was not captured");
  StateDict other;
  for (const auto& [name, value] : eager.state_dict())
    other.insert(name, name == "state.0.momentum_buffer" ? value * 3 : value);
  both([&](SGD& each) { each.load_state_dict(other); });
  expect_equal("a loaded state");
  captured.step();
  eager.step();
  expect_equal("a step after that");
  both([](SGD& each) {
    each.options() = {.lr = 0.5, .momentum = 0, .weight_decay = 0.5, .maximize = true};
  });
  expect_equal("other options, without momentum");
  both([](SGD& each) { each.options() = {.lr = 0.25, .momentum = 0.5, .nesterov = true}; });
  expect_equal("Nesterov's momentum");
}

TEST_F(CapturedSgd, TheGraphMayOutliveTheOptimizer) {
  SGD eager({eager_}, kEverything);
  {
    SGD captured({captured_}, kEverything);
    capture([&] { captured.step(); });
  }
  for (int i = 0; i < 3; ++i) {
    graph_->replay();
    eager.step();
  }
  expect_equal("three replays");
}

TEST_F(CapturedSgd, AReplayCountsItsWrite) {
  SGD optimizer({captured_}, {.lr = 0.1});
  capture([&] { optimizer.step(); });
  const Tensor y = (captured_ * captured_).sum();
  const uint64_t version = captured_.version();
  graph_->replay();
  EXPECT_EQ(captured_.version(), version + 1);
  EXPECT_THROW(y.backward(), Error);
}

TEST_F(CapturedSgd, SaysWhatAReplayCannotFollow) {
  SGD optimizer({captured_}, {.lr = 0.1});
  capture([&] { optimizer.step(); });
  optimizer.options().momentum = 0.5;
  EXPECT_EQ(error_of([&] { graph_->replay(); }),
            "SGD: the options needed no momentum_buffer when the step was captured into a CUDA "
            "graph, and need it now; capture the step again");
  optimizer.options() = {.lr = -1};
  EXPECT_EQ(error_of([&] { graph_->replay(); }), "SGD: lr must be 0 or more, got -1");
  optimizer.options() = {.lr = 1};
  graph_->replay();
  EXPECT_EQ(values({captured_}), std::vector<float>(33, 0.25f));
  captured_.impl().set_data(captured_.detach().clone().impl());
  EXPECT_EQ(error_of([&] { graph_->replay(); }),
            "SGD: parameter 0 was moved after its step was captured into a CUDA graph; capture the "
            "step again");

  Tensor on_cpu = ones({2}, {.requires_grad = true});
  on_cpu.set_grad(ones({2}));
  SGD host({on_cpu}, {.lr = 0.1});
  graph_.emplace();
  EXPECT_EQ(error_of([&] { capture([&] { host.step(); }); }),
            "SGD: the step of parameters on the CPU cannot be captured into a CUDA graph, for the "
            "host computes it; leave them to an optimizer of their own");
  EXPECT_EQ(values({on_cpu}), std::vector<float>(2, 1.f));
}

}  // namespace
}  // namespace cuttle::test
