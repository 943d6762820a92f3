// The bytes of a picture's file to pixels. Internal to io.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace cuttle {

/// The largest file, and the largest picture, that is read or written: stb counts in int.
inline constexpr int64_t kMaxImageBytes = int64_t{1} << 30;

struct DecodedImage {
  int height = 0;
  int width = 0;
  int channels = 0;
  std::vector<unsigned char> pixels = {};  // (height, width, channels)
};

/// Reads a PNG, JPEG, BMP, GIF (its first picture), PSD, PIC, PNM, HDR or TGA with `channels`
/// channels, 0 for those it has. If `upright`, it is turned as its EXIF orientation says. Throws
/// Error naming the file for anything else, for one that is damaged or cut short, and for one that
/// claims more pixels than so few bytes can stand for.
DecodedImage decode_image_file(const std::filesystem::path& path, int channels, bool upright);

}  // namespace cuttle
