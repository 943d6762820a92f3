// Goes on with a training that PyTorch or this program left, for check_torch.py.
//     torch_training OPTIMIZER IN OUT STEPS
// Both files: {"model", "optimizer", "scheduler", "x", "y"}; IN has the model and the
// data at least, OUT "losses" of the steps, and how many rows the model has "right".
#include <cuttle/cuttle.h>

#include <cstdlib>
#include <iostream>
#include <memory>

using namespace cuttle;

namespace {

// The options are check_torch.py's.
std::unique_ptr<Optimizer> make_optimizer(const std::string& name,
                                          const std::vector<Tensor>& params) {
  if (name == "SGD")
    return std::make_unique<SGD>(
        params, SGDOptions{.lr = 0.1, .momentum = 0.9, .weight_decay = 0.01, .nesterov = true});
  if (name == "Adam")
    return std::make_unique<Adam>(params,
                                  AdamOptions{.lr = 0.02, .betas = {0.8, 0.95}, .amsgrad = true});
  if (name == "AdamW") return std::make_unique<AdamW>(params, 0.02);
  if (name == "NAdam") return std::make_unique<NAdam>(params, 0.02);
  if (name == "RAdam") return std::make_unique<RAdam>(params, 0.02);
  if (name == "Adamax") return std::make_unique<Adamax>(params, 0.02);
  if (name == "RMSprop")
    return std::make_unique<RMSprop>(
        params, RMSpropOptions{.lr = 0.005, .momentum = 0.5, .centered = true});
  if (name == "Adagrad") return std::make_unique<Adagrad>(params, 0.05);
  if (name == "Adadelta") return std::make_unique<Adadelta>(params, 0.5);
  fail("no optimizer is called ", name);
}

void go_on(const std::string& name, const std::string& from, const std::string& to, int steps) {
  const Value run = load_value(from);
  Sequential model{Linear(4, 8), ReLU(), Linear(8, 3)};
  model.to(float64);
  model.load_state_dict(run["model"]);
  const auto optimizer = make_optimizer(name, model.parameters());
  ExponentialLR scheduler(*optimizer, {.gamma = 0.9});
  if (run.dict().contains("optimizer")) {
    load_torch_state(*optimizer, run["optimizer"]);
    load_torch_state(scheduler, run["scheduler"]);
  }
  const Tensor x = run["x"].to_tensor(), y = run["y"].to_tensor();
  CrossEntropyLoss loss_fn;
  Value::List losses;
  for (int i = 0; i < steps; ++i) {
    const Tensor loss = loss_fn(model(x), y);
    optimizer->zero_grad();
    loss.backward();
    optimizer->step();
    scheduler.step();
    losses.emplace_back(full({}, loss.item(), {.dtype = float64}));
  }
  const double right = model(x).argmax(1).eq(y).to(float64).sum().item();
  save(Dict{{"model", model.state_dict()},
            {"optimizer", torch_state(*optimizer)},
            {"scheduler", torch_state(scheduler)},
            {"x", x},
            {"y", y},
            {"losses", losses},
            {"right", full({}, right, {.dtype = float64})}},
       to);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  try {
    go_on(argv[1], argv[2], argv[3], std::atoi(argv[4]));
    return 0;
  } catch (const Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
