// Trains with what the library has for it: augmentation on worker threads, one learning-rate cycle,
// mixed precision, progress and a line an epoch, TensorBoard, checkpoints to go on from, also after
// Ctrl-C, the best model kept; at the end a table of the classes, and pictures. The tutorial's
// trainers beside it are the short ones.
#include "history.h"
#include "meter.h"
#include "model_file.h"
#include "options.h"
#include "report.h"

using namespace cuttle;

// The newest checkpoint's progress; that of a new run where none is wanted, which must not be mixed
// with another's.
RunProgress begin(Checkpoint& checkpoint, const Options& options) {
  if (options.resume) return checkpoint.resume().value_or(RunProgress{});
  if (!checkpoint.latest().empty())
    fail(checkpoint.latest().string(),
         " is another run's; --resume goes on from it, and --out names another folder");
  return {};
}

// The exit status of a run that a signal ends.
int stopped(const StopSignals& stop, const std::filesystem::path& saved) {
  std::fprintf(stderr, "%s\n", stop.message(saved, "the same command with --resume").c_str());
  return stop.exit_status();
}

int train(const Options& options) {
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

  Meter meter;  // of the epoch
  History history;
  Checkpoint checkpoint(options.path("checkpoints"));
  checkpoint.add("model", *model);
  checkpoint.add("optimizer", optimizer);
  checkpoint.add("scheduler", scheduler);
  checkpoint.add("loader", train_loader);
  checkpoint.add("meter", meter);
  checkpoint.add("history", history);
  const StopSignals stop;
  options.say("%s on %s, %zu images to train with, %zu to test\n", info.network.c_str(),
              device.str().c_str(), train_data->size(), test_data->size());
  RunProgress done = begin(checkpoint, options);
  SummaryWriter writer = options.resume ? SummaryWriter::resume(options.log_dir, done.epoch)
                                        : SummaryWriter(options.log_dir);

  const auto begun = static_cast<int>(done.epoch);
  if (done.step > 0) options.say("going on after step %ld\n", done.step);
  const int last = options.stop_after > 0 ? std::min(options.epochs, begun + options.stop_after)
                                          : options.epochs;
  for (int epoch = begun + 1; epoch <= last; ++epoch) {
    const std::string name =
        "epoch " + std::to_string(epoch) + "/" + std::to_string(options.epochs);
    ProgressBar bar(name, options.examples_of(train_data->size()), {.quiet = options.quiet});
    const int64_t before = meter.examples();  // 0 but in an epoch that was stopped
    bar.update(before);

    model->train();
    for (const auto& [images, targets] : train_loader) {
      const Tensor x = images.to(device), y = targets.to(device);
      meter.add(options.graph ? captured_step(x, y) : train_step(x, y), y.size(0));
      scheduler.step();
      done.step += 1;
      bar.update(y.size(0), [&] { return meter.text(); });
      if (meter.examples() >= static_cast<int64_t>(bar.total())) break;
      if (stop.arrived()) return stopped(stop, checkpoint.save(done));
    }
    bar.finish();
    const Scores trained = meter.scores();
    const double rate = static_cast<double>(meter.examples() - before) / bar.seconds();

    ConfusionMatrix matrix(info.classes);
    const Scores tested = test(*model, test_loader, device, matrix, options.quiet);
    const bool is_best = tested.accuracy > history.best("test_accuracy");
    for (const auto& [curve, number] :
         std::map<std::string, double>{{"train_loss", trained.loss},
                                       {"train_accuracy", trained.accuracy},
                                       {"test_loss", tested.loss},
                                       {"test_accuracy", tested.accuracy},
                                       {"lr", scheduler.get_last_lr()[0]}}) {
      history.add(curve, number);
      writer.add_scalar(curve, number, epoch);
    }
    options.say(
        "%s  loss %.4f, accuracy %.4f  test: loss %.4f, accuracy %.4f%s  %.1f s, trained %.0f "
        "images/s\n",
        name.c_str(), trained.loss, trained.accuracy, tested.loss, tested.accuracy,
        is_best ? " (best)" : "", bar.seconds(), rate);

    if (is_best) save_model(*model, info, options.path("best.safetensors"));
    meter = {};
    train_loader.load_state({.epoch = static_cast<uint64_t>(epoch)});
    done.epoch = epoch;
    const auto saved = checkpoint.save(done);
    if (stop.arrived() && epoch < last) return stopped(stop, saved);
  }
  if (history.epochs() >= options.epochs) report(options, *test_data, device, history, writer);
  writer.close();
  return 0;
}

int main(int argc, char** argv) {
  return run_program(train, argc, argv,
                     {.description = "CIFAR-10 with all that belongs to a training run",
                      .device = true,
                      .full = true});
}
