// Says what is on pictures, with a model that a trainer saved:
//   cifar10_predict --model best.safetensors cat.jpg ship.png
// prints for each file the likeliest classes and their probabilities. A picture may be of any size:
// its shorter side becomes 32 pixels, as Pillow does it, and the middle is looked at.
#include "model_file.h"
#include "options.h"

using namespace cuttle;

std::string answer(Module& network, const ModelInfo& info, const Tensor& input, int top) {
  const NoGradGuard no_grad;
  const Tensor probabilities = network(input.unsqueeze(0)).softmax(1)[0].cpu();
  const int64_t shown = std::min<int64_t>(top, probabilities.size(0));
  const auto likeliest = probabilities.topk(shown);
  std::string text;
  for (int64_t i = 0; i < shown; ++i) {
    char percent[32];
    std::snprintf(percent, sizeof(percent), " %.1f %%", 100 * likeliest.values[i].item());
    text += (i == 0 ? "" : ", ") +
            info.classes[static_cast<size_t>(likeliest.indices[i].item<int64_t>())] + percent;
  }
  return text;
}

void predict(const Options& options) {
  Device device(cuda::is_available() ? "cuda" : "cpu");
  if (!options.device.empty()) device = Device(options.device);
  const LoadedModel model = load_model(options.model);
  if (!model.has_info) {
    std::fprintf(stderr, "%s does not say what its classes are; CIFAR-10's are taken\n",
                 options.model.c_str());
  }
  Module& network = model.network->to(device);
  const Transform transform = Compose({Resize(32), CenterCrop(32), to_input(model.info)});

  size_t unreadable = 0;
  for (const std::string& file : options.images) {
    try {
      const Tensor input = transform(read_image(file)).to(device);
      std::printf("%s: %s\n", file.c_str(),
                  answer(network, model.info, input, options.top).c_str());
    } catch (const Error& error) {
      std::fprintf(stderr, "%s\n", error.what());
      ++unreadable;
    }
  }
  if (unreadable > 0) fail(unreadable, " of ", options.images.size(), " files could not be read");
}

int main(int argc, char** argv) {
  return run_program(
      predict, argc, argv,
      {.description = "Says what is on pictures", .device = true, .model = true, .images = true});
}
