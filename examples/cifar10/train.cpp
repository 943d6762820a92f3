// Trains with what the library has for it: augmentation on worker threads, one learning-rate cycle,
// mixed precision, progress and a line an epoch, TensorBoard, a state to go on from, the best model
// kept; at the end a table of the classes, and pictures. The tutorial's trainers beside it are the
// short ones.
#include "meter.h"
#include "model_file.h"
#include "options.h"
#include "report.h"
#include "run_state.h"

using namespace cuttle;

void train(const Options& options) {
  Device device(cuda::is_available() ? "cuda" : "cpu");
  if (!options.device.empty()) device = Device(options.device);

  ModelInfo info{.network = options.network, .normalized = true};
  const Transform augment = Compose({RandomCrop(32, {.padding = 4, .padding_mode = "reflect"}),
                                     RandomHorizontalFlip(), to_input(info)});
  auto [train_data, test_data] = load_data(options, augment, to_input(info));
  info.classes = train_data->classes();
  DataLoader train_loader(train_data, {.batch_size = options.batch_size,
                                       .shuffle = true,
                                       .seed = options.seed,
                                       .num_workers = options.workers});
  DataLoader test_loader(test_data, {.batch_size = 256, .num_workers = options.workers});
  const auto steps = static_cast<int64_t>(options.steps_of(train_loader.size()));

  manual_seed(options.seed);
  const auto model = make_network(info.network, info.classes.size());
  model->to(device);
  CrossEntropyLoss loss_fn;
  SGD optimizer(model->parameters(),
                {.lr = options.lr, .momentum = 0.9, .weight_decay = 5e-4, .nesterov = true});
  OneCycleLR scheduler(optimizer,
                       {.max_lr = options.lr, .epochs = options.epochs, .steps_per_epoch = steps});

  auto train_step = [&](const Tensor& images, const Tensor& targets) {
    Tensor outputs, loss;
    {
      const Autocast autocast(bfloat16, options.amp);
      outputs = (*model)(images);
      loss = loss_fn(outputs, targets);
    }
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    return Meter::sums(loss, outputs, targets);
  };
  CapturedStep captured_step(train_step);

  History history;
  RunState state{*model, optimizer, scheduler, history};
  if (options.resume) state.load(options.path("last.safetensors"));
  const int done = history.epochs();
  train_loader.load_state({.epoch = static_cast<uint64_t>(done)});
  SummaryWriter writer(options.log_dir);

  const int last =
      options.stop_after > 0 ? std::min(options.epochs, done + options.stop_after) : options.epochs;
  for (int epoch = done + 1; epoch <= last; ++epoch) {
    const std::string name =
        "epoch " + std::to_string(epoch) + "/" + std::to_string(options.epochs);
    const double lr = scheduler.get_last_lr()[0];
    Meter meter;
    ProgressBar bar(name, options.examples_of(train_data->size()), {.quiet = options.quiet});

    model->train();
    for (const auto& [images, targets] : train_loader) {
      const Tensor x = images.to(device), y = targets.to(device);
      meter.add(options.graph ? captured_step(x, y) : train_step(x, y), y.size(0));
      scheduler.step();
      bar.update(y.size(0), [&] { return meter.text(); });
      if (meter.examples() >= static_cast<int64_t>(bar.total())) break;
    }
    bar.finish();
    const Scores trained = meter.scores();
    const double seconds = bar.seconds();

    ConfusionMatrix matrix(info.classes);
    const Scores tested = test(*model, test_loader, device, matrix, options.quiet);
    const bool is_best = tested.accuracy > history.best("test_accuracy");
    for (const auto& [curve, number] :
         std::map<std::string, double>{{"train_loss", trained.loss},
                                       {"train_accuracy", trained.accuracy},
                                       {"test_loss", tested.loss},
                                       {"test_accuracy", tested.accuracy},
                                       {"lr", lr}}) {
      history.add(curve, number);
      writer.add_scalar(curve, number, epoch);
    }
    if (is_best) save_model(*model, info, options.path("best.safetensors"));
    state.save(options.path("last.safetensors"));
    options.say(
        "%s  loss %.4f, accuracy %.4f  test: loss %.4f, accuracy %.4f%s  %.1f s, %.0f images/s\n",
        name.c_str(), trained.loss, trained.accuracy, tested.loss, tested.accuracy,
        is_best ? " (best)" : "", seconds, static_cast<double>(meter.examples()) / seconds);
  }
  if (history.epochs() >= options.epochs) report(options, *test_data, device, history, writer);
  writer.close();
}

int main(int argc, char** argv) {
  return run_program(train, argc, argv,
                     {.description = "CIFAR-10 with all that belongs to a training run",
                      .device = true,
                      .full = true});
}
