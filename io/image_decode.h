// The bytes of a picture's file to pixels. Internal to io.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

namespace cuttle {

/// The largest file, and the largest picture, that is read or written: stb counts in int.
inline constexpr int64_t kMaxImageBytes = int64_t{1} << 30;

struct DecodedImage {
  int height = 0;
  int width = 0;
  int channels = 0;
  std::unique_ptr<unsigned char, void (*)(void*)> pixels;  // (height, width, channels)
};

/// Reads a PNG or JPEG with `channels` channels, 0 for those it has. Throws Error naming the file
/// for anything else, and for a file that claims more pixels than so few bytes can stand for.
DecodedImage decode_image_file(const std::filesystem::path& path, int channels);

}  // namespace cuttle
