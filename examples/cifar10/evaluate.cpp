// Loads a model that a trainer saved and evaluates it on the test set: the trainer's own accuracy.
// With --outputs also saves images, logits and targets, for PyTorch or a look at single images.
#include "model_file.h"
#include "options.h"

using namespace cuttle;

void evaluate(const Options& options) {
  Device device(cuda::is_available() ? "cuda" : "cpu");
  if (!options.device.empty()) device = Device(options.device);

  const LoadedModel loaded = load_model(options.model);
  auto [train_data, test_data] = load_data(options, to_input(loaded.info), to_input(loaded.info));
  DataLoader test_loader(test_data, {.batch_size = options.batch_size});

  Module& model = loaded.network->to(device);
  CrossEntropyLoss loss_fn;

  double total_test_loss = 0;
  int64_t total_correct = 0;
  std::vector<Tensor> all_images, all_logits, all_targets;
  NoGradGuard no_grad;
  for (auto [images, targets] : test_loader) {
    images = images.to(device);
    targets = targets.to(device);
    Tensor outputs = model(images);
    total_test_loss += loss_fn(outputs, targets).item();
    total_correct += (targets == outputs.argmax(1)).sum().item<int64_t>();
    if (options.outputs.empty()) continue;
    all_images.push_back(images.cpu());
    all_logits.push_back(outputs.cpu());
    all_targets.push_back(targets.cpu());
  }
  std::printf("summed loss on the test set: %.4f\n", total_test_loss);
  std::printf("accuracy on the test set: %.4f\n",
              static_cast<double>(total_correct) / static_cast<double>(test_data->size()));
  if (options.outputs.empty()) return;
  save({{"images", cat(all_images)}, {"logits", cat(all_logits)}, {"targets", cat(all_targets)}},
       options.outputs);
  std::printf("saved %s\n", options.outputs.c_str());
}

int main(int argc, char** argv) {
  return run_program(
      evaluate, argc, argv,
      {.description = "Evaluates a saved CIFAR-10 model", .device = true, .model = true});
}
