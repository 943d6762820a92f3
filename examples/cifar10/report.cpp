#include "report.h"

#include "model_file.h"

using namespace cuttle;

namespace {

constexpr int64_t kShown = 12;  // test images in the picture

Tensor curves(const History& history) {
  const auto chart = [&](const std::string& name, const char* title) {
    return plot::line_chart(
        {{"training set", history.at("train_" + name)}, {"test set", history.at("test_" + name)}},
        {.title = title, .x_label = "epoch"});
  };
  return plot::beside({chart("loss", "Loss"), chart("accuracy", "Accuracy")});
}

Tensor some_predictions(Module& model, const ImageDataset& data, const Device& device) {
  const NoGradGuard no_grad;
  std::vector<Tensor> inputs;
  const int64_t shown = std::min<int64_t>(kShown, static_cast<int64_t>(data.size()));
  for (int64_t i = 0; i < shown; ++i) inputs.push_back(data.get(static_cast<size_t>(i)).image);
  const Tensor probabilities = model(stack(inputs).to(device)).softmax(1).cpu();
  return plot::predictions(data.images().narrow(0, 0, shown), probabilities,
                           tensor(data.targets()).narrow(0, 0, shown), data.classes(),
                           {.title = "Test images"});
}

}  // namespace

Scores test(Module& model, const DataLoader& loader, const Device& device, ConfusionMatrix& matrix,
            bool quiet) {
  const NoGradGuard no_grad;
  CrossEntropyLoss loss_fn;
  model.eval();
  Meter meter;
  ProgressBar bar("test", loader.dataset().size(), {.quiet = quiet});
  for (const auto& [images, targets] : loader) {
    const Tensor outputs = model(images.to(device)), y = targets.to(device);
    meter.add(Meter::sums(loss_fn(outputs, y), outputs, y), y.size(0));
    matrix.update(targets, outputs);
    bar.update(y.size(0));
  }
  return meter.scores();
}

void report(const Options& options, const ImageDataset& test_data, const Device& device,
            const History& history, SummaryWriter& writer) {
  const LoadedModel best = load_model(options.path("best.safetensors"));
  Module& model = best.network->to(device);
  ConfusionMatrix matrix(test_data.classes());
  const Scores scores =
      test(model, DataLoader(test_data, {.batch_size = 256}), device, matrix, options.quiet);
  options.say("\nthe best model, test loss %.4f:\n%s", scores.loss, matrix.table().c_str());

  const auto write = [&](const char* name, const Tensor& picture) {
    const auto path = options.path(std::string(name) + ".png");
    write_image(picture, path);
    writer.add_figure(name, picture, history.epochs());
    options.say("wrote %s\n", path.c_str());
  };
  char title[64];
  std::snprintf(title, sizeof(title), "Test set: %.1f %% right",
                100 * static_cast<double>(matrix.correct()) / static_cast<double>(matrix.total()));
  write("curves", curves(history));
  write("confusion_matrix",
        plot::confusion_matrix(matrix.counts(), matrix.classes(), {.title = title}));
  write("predictions", some_predictions(model, test_data, device));
  write("filters",
        plot::filters(model.parameters().front(),
                      {.title = "Filters of the first layer", .columns = 8, .image_width = 60}));
}
