// A small training with all that a checkpoint keeps: dropout, batch statistics, shuffling, a
// schedule, a scaler, an average, a generator of its own.
//     checkpoint_trainer FOLDER STEPS
// goes on from what is in FOLDER, saves every step, of which it prints a line each, and at the end
// writes the weights to FOLDER/weights.safetensors. SIGINT and SIGTERM stop it between two steps.
#include <cuttle/cuttle.h>

#include <cstdlib>
#include <iostream>

using namespace cuttle;

namespace {

Sequential make_model() {
  return Sequential{Linear(6, 12), BatchNorm1d(12), ReLU(), Dropout(0.3), Linear(12, 3)};
}

StateDict all_weights(const Module& model, const Module& average) {
  StateDict all;
  for (const auto& [name, value] : model.state_dict()) all.insert("model." + name, value);
  for (const auto& [name, value] : average.state_dict()) all.insert("average." + name, value);
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::filesystem::path folder = argv[1];
  const int64_t steps = std::atoll(argv[2]);

  manual_seed(7);
  const Tensor inputs = randn({40, 6});
  const Tensor targets = randint(0, 3, {40});
  const TensorDataset dataset({inputs, targets});
  DataLoader loader(dataset, {.batch_size = 8, .shuffle = true, .seed = 3});
  Sequential model = make_model();
  AveragedModel average(make_model(), model, {.avg_fn = get_ema_avg_fn(0.9)});
  CrossEntropyLoss loss_fn;
  AdamW optimizer(model.parameters(), {.lr = 0.02});
  CosineAnnealingWarmRestarts scheduler(optimizer, {.T_0 = 5});
  GradScaler scaler({.init_scale = 8, .growth_interval = 7});
  Generator noise(5);

  Checkpoint checkpoint(folder, {.keep_last = 2, .maximize = false});
  checkpoint.add("model", model);
  checkpoint.add("average", average);
  checkpoint.add("optimizer", optimizer);
  checkpoint.add("scheduler", scheduler);
  checkpoint.add("scaler", scaler);
  checkpoint.add("loader", loader);
  checkpoint.add("noise", noise);
  RunProgress done = checkpoint.resume().value_or(RunProgress{});

  const StopSignals stop;
  std::cout << "step" << std::endl;
  for (; done.step < steps; ++done.epoch) {
    for (const auto& [images, labels] : loader) {
      const Tensor loss =
          loss_fn(model(images + 0.1 * randn({images.size(0), 6}, {}, noise)), labels);
      optimizer.zero_grad();
      scaler.scale(loss).backward();
      scaler.step(optimizer);
      scaler.update();
      scheduler.step();
      average.update_parameters(model);
      ++done.step;
      const auto path = checkpoint.save(done, loss.item());
      std::cout << "step" << std::endl;
      if (stop.arrived()) {
        std::cout << stop.message(path, "checkpoint_trainer") << std::endl;
        return stop.exit_status();
      }
      if (done.step == steps) break;
    }
  }
  save(all_weights(model, average), folder / "weights.safetensors");
  return 0;
}
