// The records of CIFAR's binary files, one of them a file. The first byte is how many labels there
// are: '2' as in CIFAR-100, else one.
#include <cuttle/data/files/cifar_batch.h>

#include "input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cuttle;
  static fuzz::InputFile file;
  if (size == 0) return 0;
  CifarLayout layout{.labels = {{"labels", 10}}, .examples = 1};
  if (data[0] == '2') layout.labels = {{"coarse_labels", 20}, {"fine_labels", 100}};
  std::vector<uint8_t> pixels(kCifarImage);
  std::vector<int64_t> labels(2);
  const CifarPlaces places{.pixels = pixels.data(), .labels = {labels.data(), labels.data() + 1}};
  if (fuzz::accepted([&] { read_cifar_records(file.write(data + 1, size - 1), layout, places); })) {
    fuzz::require(size - 1 == layout.labels.size() + kCifarImage, "the record is whole");
    for (size_t k = 0; k < layout.labels.size(); ++k) {
      fuzz::require(labels[k] < layout.labels[k].classes, "the labels are in range");
    }
  }
  return 0;
}
