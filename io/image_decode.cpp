// PNG and JPEG by stb_image, whose code is compiled here. It takes a file at its word, so what
// would make it allocate or work without bounds is refused before.
#include "image_decode.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "../core/text.h"
#include "../kernels/error.h"
#include "file.h"
#include "image_segments.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wshadow"
// Zeros, so that pixels which a damaged file leaves out are the same in every run.
#define STBI_MALLOC(bytes) std::calloc(1, bytes)
#define STBI_REALLOC(memory, bytes) std::realloc(memory, bytes)
#define STBI_FREE(memory) std::free(memory)
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace cuttle {
namespace {

// Pixels for each byte of a file, counted again for each time that a progressive JPEG goes over
// them. Deflate makes at most 1032 bytes of one, each of eight pixels; such a JPEG has some ten
// scans of 512 pixels a byte at the most. Here is room for more.
constexpr int64_t kMaxPixelsPerByte = 1 << 15;

// The reason may quote the file.
[[noreturn]] void refuse() {
  fail("it is not a readable PNG or JPEG: ", printable(stbi_failure_reason()));
}

// Throws Error, without the file's name, for what stb_image should not be given.
void check_claims(const std::vector<unsigned char>& contents, int channels) {
  const auto bytes = static_cast<int64_t>(contents.size());
  const std::string_view text(reinterpret_cast<const char*>(contents.data()), contents.size());
  int64_t passes = 1;
  if (text.substr(0, 1) == "\xFF") {
    passes = std::max<int64_t>(checked_jpeg_scans(text), 1);
  } else {
    check_png_chunks(text);
  }
  int width = 0, height = 0, in_file = 0;
  if (stbi_info_from_memory(contents.data(), static_cast<int>(bytes), &width, &height, &in_file) ==
      0) {
    refuse();
  }
  const int64_t pixels = int64_t{width} * height;
  if (pixels > bytes * kMaxPixelsPerByte / passes) {
    fail("it claims ", width, " x ", height, " pixels", passes > 1 ? " in " : "",
         passes > 1 ? std::to_string(passes) + " scans" : "", ", which its ", bytes,
         " bytes cannot hold; it is damaged");
  }
  if (pixels * (channels == 0 ? in_file : channels) > kMaxImageBytes) {
    fail("its ", width, " x ", height, " pixels take more than 1 GiB");
  }
}

DecodedImage decode(std::vector<unsigned char>& contents, int channels) {
  check_claims(contents, channels);
  if (contents[0] != 0xFF) complete_palette(contents);
  DecodedImage image{.pixels = {nullptr, stbi_image_free}};
  int in_file = 0;
  image.pixels.reset(stbi_load_from_memory(contents.data(), static_cast<int>(contents.size()),
                                           &image.width, &image.height, &in_file, channels));
  if (!image.pixels) refuse();
  image.channels = channels == 0 ? in_file : channels;
  return image;
}

}  // namespace

DecodedImage decode_image_file(const std::filesystem::path& path, int channels) {
  const File file = File::open_for_reading(path);
  const uint64_t bytes = file.size();
  if (bytes > uint64_t{kMaxImageBytes})
    fail("read_image: ", path.string(), " is larger than 1 GiB");
  std::vector<unsigned char> contents(bytes);
  if (bytes > 0) file.read_at(0, contents.data(), contents.size());
  try {
    return decode(contents, channels);
  } catch (const Error& error) {
    fail("read_image: ", path.string(), ": ", error.what());
  }
}

}  // namespace cuttle
