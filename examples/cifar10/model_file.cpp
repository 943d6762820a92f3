#include "model_file.h"

#include <sstream>

#include "../resnet/resnet.h"
#include "train_module.h"

using namespace cuttle;

namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> names;
  std::istringstream stream(text);
  for (std::string name; std::getline(stream, name, ',');) names.push_back(name);
  return names;
}

}  // namespace

std::shared_ptr<Module> make_network(const std::string& name, size_t classes) {
  if (name == "resnet18") return std::make_shared<ResNet18>(static_cast<int64_t>(classes));
  if (name != "tutorial") {
    fail("there is no network \"", name, "\"; there are tutorial and resnet18");
  }
  if (classes != 10) fail("the tutorial's network has 10 classes, got ", classes);
  return std::make_shared<TrainModule>();
}

Transform to_input(const ModelInfo& info) {
  if (!info.normalized) return ToTensor();
  return Compose({ToTensor(), Normalize({0.4914f, 0.4822f, 0.4465f}, {0.2470f, 0.2435f, 0.2616f})});
}

void save_model(const Module& network, const ModelInfo& info, const std::filesystem::path& path) {
  save(network.state_dict(), path,
       {{"network", info.network},
        {"normalized", info.normalized ? "true" : "false"},
        {"classes", joined(info.classes)}});
}

LoadedModel load_model(const std::filesystem::path& path) try {
  LoadedModel model;
  const Metadata metadata =
      path.extension() == ".safetensors" ? load_metadata(path) : Metadata{};  // a .pt has none
  model.has_info = metadata.contains("network") && metadata.contains("classes");
  if (model.has_info) {
    model.info = {metadata.at("network"),
                  metadata.contains("normalized") && metadata.at("normalized") == "true",
                  split(metadata.at("classes"))};
  }
  model.network = make_network(model.info.network, model.info.classes.size());
  model.network->load_state_dict(load(path));
  model.network->eval();
  return model;
} catch (const Error& error) {
  fail(path.string(), " is no model that a trainer here saved: ", error.what());
}
