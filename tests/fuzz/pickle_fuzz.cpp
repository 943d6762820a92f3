// Batches of CIFAR-10 as Python pickled them.
#include <cuttle/data/cifar10_python.h>

#include "input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cuttle;
  static fuzz::InputFile file;
  fuzz::accepted([&] {
    const PythonBatch batch = read_python_batch(file.write(data, size));
    fuzz::require(batch.planes.size() <= size && batch.planes.size() % 3072 == 0,
                  "the planes are whole and come from the file");
    fuzz::require(batch.labels.size() <= size, "the labels come from the file");
  });
  return 0;
}
