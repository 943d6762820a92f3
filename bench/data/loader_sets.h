// The data sets that the loaders' benchmarks read, with the transforms of compare_torchvision.py.
#pragma once

#include <cuttle/cuttle.h>

#include <memory>
#include <string>

namespace cuttle::bench {

inline std::shared_ptr<const Dataset> loader_set(const std::string& name, const std::string& root) {
  const Normalize normalize({0.4914f, 0.4822f, 0.4465f}, {0.247f, 0.2435f, 0.2616f});
  const auto augmented = [&](int64_t side, const RandomCropOptions& crop) {
    return Compose({RandomCrop(side, crop), RandomHorizontalFlip(), ToTensor(), normalize});
  };
  if (name == "cifar10")
    return std::make_shared<CIFAR10>(root, true, Compose({ToTensor(), normalize}));
  if (name == "cifar10-augmented")
    return std::make_shared<CIFAR10>(root, true, augmented(32, {.padding = 4}));
  if (name == "mnist") return std::make_shared<MNIST>(root, true, ToTensor());
  if (name == "folder")
    return std::make_shared<ImageFolder>(root, augmented(224, {.pad_if_needed = true}));
  fail("there is no set ", name);
}

}  // namespace cuttle::bench
