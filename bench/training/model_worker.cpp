// Runs training steps of models on request, for compare_models.py: reads a number of steps a line,
// runs them and answers with the milliseconds of each. Arguments: the model and the device.
#include <cuttle/cuttle.h>

#include <chrono>
#include <functional>
#include <iostream>
#include <string>

#include "../../examples/cifar10/train_module.h"
#include "../../examples/recurrent/adder.h"
#include "../../examples/resnet/resnet.h"
#include "../../examples/vision_transformer/vision_transformer.h"

namespace {

using namespace cuttle;

/// Two recurrent layers over 64 steps of 32 sequences, and a class from the last state.
template <class Layer>
class RecurrentClassifier : public Module {
 public:
  Tensor forward(const Tensor& x) override {
    return head(recurrent(x).output.select(0, x.size(0) - 1));
  }
  Layer& recurrent = register_module("recurrent", Layer(64, 128, {.num_layers = 2}));
  Linear& head = register_module("head", Linear(128, 10));
};

/// Two encoder layers over 64 steps of 32 sequences, and a class from the mean.
class TransformerClassifier : public Module {
 public:
  Tensor forward(const Tensor& x) override { return head(encoder(x).mean(1)); }
  TransformerEncoder& encoder = register_module(
      "encoder",
      TransformerEncoder(TransformerEncoderLayer(
                             128, 4, {.dim_feedforward = 256, .dropout = 0, .batch_first = true}),
                         2));
  Linear& head = register_module("head", Linear(128, 10));
};

/// A function that runs one training step and returns its loss.
using Step = std::function<double()>;

struct Settings {
  bool clips = false, bfloat16 = false;
};

template <class Optimizer, class Loss = CrossEntropyLoss, class Model, class Options>
Step training(std::shared_ptr<Model> model, const Tensor& x, const Tensor& targets,
              const Options& options, const Settings& settings = {}) {
  model->to(x.device());
  const auto optimizer = std::make_shared<Optimizer>(model->parameters(), options);
  return [=] {
    Tensor loss;
    {
      const Autocast cast(bfloat16, settings.bfloat16);
      loss = Loss()((*model)(x), targets);
    }
    optimizer->zero_grad();
    loss.backward();
    if (settings.clips) clip_grad_norm_(model->parameters(), 1);
    optimizer->step();
    return loss.item();
  };
}

Step training(const std::string& name, const Device& device) {
  const auto input = [&](const Shape& shape) { return rand(shape).to(device); };
  const auto classes = [&](int64_t n) { return randint(10, {n}).to(device); };
  const auto pictures = [&](int64_t n) { return input({n, 3, 32, 32}); };
  const SGDOptions sgd{.lr = 0.01};
  const SGDOptions momentum{.lr = 0.1, .momentum = 0.9, .weight_decay = 5e-4, .nesterov = true};
  const Settings settings{.bfloat16 = name.ends_with("_bf16")};
  if (name.starts_with("resnet18"))
    return training<SGD>(std::make_shared<ResNet18>(), pictures(32), classes(32), momentum,
                         settings);
  if (name.starts_with("tutorial"))
    return training<SGD>(std::make_shared<TrainModule>(), pictures(64), classes(64), sgd, settings);
  if (name == "vit")
    return training<AdamW>(std::make_shared<VisionTransformer>(), pictures(64), classes(64),
                           AdamWOptions{.lr = 1e-3, .weight_decay = 0.05}, {.clips = true});
  if (name == "adding")
    return training<Adam, MSELoss>(std::make_shared<Adder>(), input({64, 30, 2}), input({64}),
                                   AdamOptions{.lr = 5e-3}, {.clips = true});
  if (name == "lstm")
    return training<SGD>(std::make_shared<RecurrentClassifier<LSTM>>(), input({64, 32, 64}),
                         classes(32), sgd);
  if (name == "gru")
    return training<SGD>(std::make_shared<RecurrentClassifier<GRU>>(), input({64, 32, 64}),
                         classes(32), sgd);
  if (name == "transformer")
    return training<SGD>(std::make_shared<TransformerClassifier>(), input({32, 64, 128}),
                         classes(32), sgd);
  fail("expected one of the models of pytorch_models.py, got \"", name, '"');
}

}  // namespace

int main(int argc, char** argv) try {
  using clock = std::chrono::steady_clock;
  cuttle::manual_seed(0);
  std::cout << "ready" << std::endl;
  Step step;
  int steps = 0;
  while (std::cin >> steps) {
    if (!step) step = training(argc > 1 ? argv[1] : "", cuttle::Device(argc > 2 ? argv[2] : "cpu"));
    for (int i = 0; i < steps; ++i) {
      const auto start = clock::now();
      step();
      const std::chrono::duration<double, std::milli> took = clock::now() - start;
      std::cout << took.count() << (i + 1 < steps ? ' ' : '\n');
    }
    std::cout.flush();
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
