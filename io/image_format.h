// Which format a picture's file is of, and what each can claim. Internal to io.
#pragma once

#include <cstdint>
#include <string_view>

namespace cuttle {

enum class ImageFormat { png, jpeg, bmp, gif, psd, pic, pnm, hdr, tga };

/// What bounds the memory and the work that a file of a format can ask for.
struct ImageBounds {
  int64_t pixels_per_byte;  // more than any picture of the format has, for each byte of its file
  int64_t bytes_per_pixel;  // that its decoder takes
};

ImageBounds bounds_of(ImageFormat format);

/// By the first bytes. Throws Error, without the file's name, for what no decoder here reads: it
/// says what the file is, where that is known, or how it begins.
ImageFormat image_format(std::string_view file);

}  // namespace cuttle
