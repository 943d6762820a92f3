// idx files, as they are and gzipped.
#include <cuttle/io/idx.h>

#include <algorithm>

#include "input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cuttle;
  static fuzz::InputFile file;
  fuzz::accepted([&] {
    const IdxArray array = read_idx(file.write(data, size));
    const auto& shape = array.shape;
    const bool none = std::find(shape.begin(), shape.end(), 0) != shape.end();
    uint64_t bytes = none ? 0 : element_size(array.dtype);
    for (const int64_t extent : shape) bytes = none ? 0 : bytes * static_cast<uint64_t>(extent);
    fuzz::require(array.bytes.size() == bytes, "the bytes are those of the shape");
    fuzz::require(array.bytes.size() <= kMaxIdxBytes, "the memory is bounded");
  });
  return 0;
}
