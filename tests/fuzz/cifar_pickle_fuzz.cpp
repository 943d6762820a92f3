// Batches of CIFAR-10 of one image as Python pickles them.
#include <cuttle/data/files/cifar_batch.h>

#include "input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cuttle;
  static fuzz::InputFile file;
  const CifarLayout layout{.labels = {{"labels", 10}}, .examples = 1};
  std::vector<uint8_t> pixels(kCifarImage);
  std::vector<int64_t> labels(1);
  const CifarPlaces places{.pixels = pixels.data(), .labels = {labels.data()}};
  if (fuzz::accepted([&] { read_cifar_pickle(file.write(data, size), layout, places); })) {
    fuzz::require(labels[0] >= 0 && labels[0] < 10, "the label is one of ten");
  }
  return 0;
}
