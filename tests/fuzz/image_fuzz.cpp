// Pictures. The last byte, which decoders pass over, chooses the channels asked for. A PNG's
// checksums are put right, for no mutation would.
#include <cuttle/io/image_decode.h>

#include <array>
#include <string>

#include "../support/png.h"
#include "input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace cuttle;
  static fuzz::InputFile file;
  constexpr std::array<int, 4> kChannels = {3, 0, 1, 4};
  const int channels = kChannels[size == 0 ? 0 : data[size - 1] % 4];
  fuzz::accepted([&] {
    const std::string bytes = test::with_checksums({reinterpret_cast<const char*>(data), size});
    const DecodedImage image =
        decode_image_file(file.write(bytes.data(), bytes.size()), channels, true);
    fuzz::require(image.height > 0 && image.width > 0, "there are pixels");
    fuzz::require(
        channels == 0 ? image.channels >= 1 && image.channels <= 4 : image.channels == channels,
        "the channels are those asked for");
    fuzz::require(image.pixels.size() == static_cast<size_t>(image.height) *
                                             static_cast<size_t>(image.width) *
                                             static_cast<size_t>(image.channels),
                  "all of them are there");
  });
  return 0;
}
