// Trains TrainModule on CIFAR-10; model, loss, images and targets move by `.to(device)`, to the GPU
// where there is one or to the device on the command line. Reads beside tutorial.py, line for line.
#include "options.h"
#include "train_module.h"

using namespace cuttle;

void train(const Options& options) {
  Device device(cuda::is_available() ? "cuda" : "cpu");
  if (!options.device.empty()) device = Device(options.device);
  std::printf("device: %s\n", device.str().c_str());

  auto [train_data, test_data] = load_data(options);
  std::printf("length of the training set: %zu\n", train_data->size());
  std::printf("length of the test set: %zu\n", test_data->size());

  DataLoader train_loader(train_data, {.batch_size = options.batch_size});
  DataLoader test_loader(test_data, {.batch_size = options.batch_size});

  manual_seed(options.seed);
  TrainModule model;
  model.to(device);

  CrossEntropyLoss loss_fn;
  loss_fn.to(device);

  SGD optimizer(model.parameters(), {.lr = options.lr});

  auto train_step = [&](const Tensor& images, const Tensor& targets) {
    Tensor outputs = model(images);
    Tensor loss = loss_fn(outputs, targets);

    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    return loss;
  };
  CapturedStep captured_step(train_step);  // one CUDA graph in place of all its launches

  int64_t total_train_step = 0;
  SummaryWriter writer(options.log_dir);
  Stopwatch stopwatch;

  for (int epoch = 1; epoch <= options.epochs; ++epoch) {
    std::printf("-------- epoch %d --------\n", epoch);

    model.train();
    for (auto [images, targets] : train_loader) {
      images = images.to(device);
      targets = targets.to(device);
      Tensor loss = options.graph ? captured_step(images, targets) : train_step(images, targets);

      total_train_step += 1;
      if (total_train_step % options.log_every == 0) {
        std::printf("step %ld, loss: %.7f\n", total_train_step, loss.item());
        writer.add_scalar("train_loss", loss.item(), total_train_step);
      }
      if (options.is_last_step(total_train_step, epoch)) break;
    }

    model.eval();
    double total_test_loss = 0;
    int64_t total_correct = 0;
    {
      NoGradGuard no_grad;
      for (auto [images, targets] : test_loader) {
        images = images.to(device);
        targets = targets.to(device);
        Tensor outputs = model(images);
        Tensor loss = loss_fn(outputs, targets);
        total_test_loss += loss.item();
        total_correct += (targets == outputs.argmax(1)).sum().item<int64_t>();
      }
    }
    double accuracy = static_cast<double>(total_correct) / static_cast<double>(test_data->size());
    std::printf("summed loss on the test set: %.4f\n", total_test_loss);
    std::printf("accuracy on the test set: %.4f\n", accuracy);
    writer.add_scalar("test_loss", total_test_loss, epoch);
    writer.add_scalar("test_accuracy", accuracy, epoch);

    save(model.state_dict(), options.model_path(epoch));
    std::printf("saved %s\n", options.model_path(epoch).c_str());
  }
  std::printf("total time: %.2f s\n", stopwatch.seconds());
  writer.close();
}

int main(int argc, char** argv) {
  return run_program(train, argc, argv,
                     {.description = "CIFAR-10 in the .to(device) style", .device = true});
}
