// Goes on with a training that PyTorch or this program left, for check_torch.py.
//     torch_training IN OUT STEPS
// IN and OUT: {"network", "method", "groups", "schedule", "x", "y"}, which say what is trained and
// how, and the states "model", "average", "optimizer", "scheduler" and "scaler", which bring all
// settings; OUT has besides "losses" of the steps, "logits" of x in evaluation, and how many of
// them are "right".
#include <cstdlib>
#include <iostream>

#include "torch_schedules.h"

using namespace cuttle;

namespace {

using Groups = std::vector<std::vector<Tensor>>;

Sequential make_network(const std::string& name) {
  if (name == "perceptron") {
    Sequential network{Linear(4, 8), ReLU(), Linear(8, 3)};
    network.to(float64);
    return network;
  }
  return Sequential{Conv2d(3, 8, 3, {.padding = 1, .bias = false}),
                    BatchNorm2d(8),
                    ReLU(),
                    MaxPool2d(2),
                    Conv2d(8, 16, 3, {.padding = 1, .bias = false}),
                    BatchNorm2d(16),
                    ReLU(),
                    MaxPool2d(2),
                    Flatten(),
                    Linear(16 * 8 * 8, 10)};
}

template <class O>
std::unique_ptr<Optimizer> make(const Groups& groups) {
  std::vector<typename O::ParamGroup> made;
  for (const std::vector<Tensor>& params : groups) made.push_back({params});
  return std::make_unique<O>(made);
}

std::unique_ptr<Optimizer> make_optimizer(const std::string& method, const Groups& groups) {
  static const std::map<std::string, std::unique_ptr<Optimizer> (*)(const Groups&)> kMethods = {
      {"SGD", make<SGD>},         {"Adam", make<Adam>},       {"AdamW", make<AdamW>},
      {"NAdam", make<NAdam>},     {"RAdam", make<RAdam>},     {"Adamax", make<Adamax>},
      {"RMSprop", make<RMSprop>}, {"Adagrad", make<Adagrad>}, {"Adadelta", make<Adadelta>},
      {"Muon", make<Muon>}};
  return kMethods.at(method)(groups);
}

Groups chosen(const std::vector<Tensor>& parameters, const Value& numbers) {
  Groups groups;
  for (const Value& group : numbers.items()) {
    groups.emplace_back();
    for (const Value& number : group.items())
      groups.back().push_back(parameters.at(static_cast<size_t>(number.to_int())));
  }
  return groups;
}

Dict go_on(Dict run, int steps) {
  const std::string network = run.at("network").to_string();
  Sequential model = make_network(network);
  AveragedModel average(make_network(network), model);
  const auto optimizer =
      make_optimizer(run.at("method").to_string(), chosen(model.parameters(), run.at("groups")));
  test::AnySchedule schedule(run.at("schedule").to_string(), *optimizer);
  GradScaler scaler;
  model.load_state_dict(run.at("model"));
  average.load_state_dict(run.at("average"));
  load_torch_state(*optimizer, run.at("optimizer"));
  schedule.load_state_dict(run.at("scheduler"));
  scaler.load_state_dict(run.at("scaler"));

  const Tensor x = run.at("x").to_tensor(), y = run.at("y").to_tensor();
  CrossEntropyLoss loss_fn;
  Value::List losses;
  for (int i = 0; i < steps; ++i) {
    const Tensor loss = loss_fn(model(x), y);
    optimizer->zero_grad();
    scaler.scale(loss).backward();
    scaler.step(*optimizer);
    scaler.update();
    schedule.step({});
    average.update_parameters(model);
    losses.emplace_back(loss.item());
  }
  model.eval();
  const NoGradGuard no_grad;
  const Tensor logits = model(x);
  run.set("model", model.state_dict());
  run.set("average", average.state_dict());
  run.set("optimizer", torch_state(*optimizer));
  run.set("scheduler", schedule.state_dict());
  run.set("scaler", scaler.state_dict());
  run.set("losses", losses);
  run.set("logits", logits);
  run.set("right", logits.argmax(1).eq(y).to(float64).sum().item());
  return run;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  try {
    save(go_on(load_value(argv[1]).dict(), std::atoi(argv[3])), argv[2]);
    return 0;
  } catch (const Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
