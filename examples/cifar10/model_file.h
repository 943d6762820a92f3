// A trained network as a file that says what it is: predict and evaluate need nothing else.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <cuttle/cuttle.h>

/// What stands in the file beside the weights. A .pt of the tutorial's trainers has weights alone,
/// and gets what is written here.
struct ModelInfo {
  std::string network = "tutorial";  // a name that make_network knows
  bool normalized = false;           // takes pictures of mean 0 and deviation 1
  std::vector<std::string> classes = {"airplane", "automobile", "bird",  "cat",  "deer",
                                      "dog",      "frog",       "horse", "ship", "truck"};
};

/// "tutorial", the TrainModule, or "resnet18". Throws Error for another name.
std::shared_ptr<cuttle::Module> make_network(const std::string& name, size_t classes);

/// From a picture of 32 × 32 pixels, uint8 (H, W, C), to what the network takes.
cuttle::Transform to_input(const ModelInfo& info);

/// Writes weights and info to a .safetensors file.
void save_model(const cuttle::Module& network, const ModelInfo& info,
                const std::filesystem::path& path);

struct LoadedModel {
  std::shared_ptr<cuttle::Module> network;  // on the CPU, in eval mode
  ModelInfo info;
  bool has_info = false;  // the file had one
};

/// Reads what save_model or a tutorial's trainer wrote. Throws Error, naming it, for any other
/// file.
LoadedModel load_model(const std::filesystem::path& path);
