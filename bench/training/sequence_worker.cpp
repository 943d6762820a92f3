// Runs training steps of sequence models on request, for compare_sequences.py: reads a number of
// steps a line, runs them and answers with the milliseconds of each. Arguments: lstm, gru or
// transformer, and the device.
#include <cuttle/cuttle.h>

#include <chrono>
#include <functional>
#include <iostream>
#include <string>

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
template <class Model>
std::function<double()> training(const Device& device, const Shape& input) {
  const auto model = std::make_shared<Model>();
  model->to(device);
  const Tensor x = rand(input).to(device), targets = randint(10, {32}).to(device);
  const auto optimizer = std::make_shared<SGD>(model->parameters(), SGDOptions{.lr = 0.01});
  return [=] {
    const Tensor loss = CrossEntropyLoss()((*model)(x), targets);
    optimizer->zero_grad();
    loss.backward();
    optimizer->step();
    return loss.item();
  };
}

std::function<double()> training(const std::string& name, const Device& device) {
  if (name == "lstm") return training<RecurrentClassifier<LSTM>>(device, {64, 32, 64});
  if (name == "gru") return training<RecurrentClassifier<GRU>>(device, {64, 32, 64});
  if (name == "transformer") return training<TransformerClassifier>(device, {32, 64, 128});
  fail("expected lstm, gru or transformer, got \"", name, '"');
}

}  // namespace

int main(int argc, char** argv) try {
  using clock = std::chrono::steady_clock;
  cuttle::manual_seed(0);
  const auto step = training(argc > 1 ? argv[1] : "", cuttle::Device(argc > 2 ? argv[2] : "cpu"));
  int steps = 0;
  while (std::cin >> steps) {
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
