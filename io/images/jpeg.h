// JPEGs by libjpeg-turbo, which has vector code for what stb_image does value by value. Internal to
// io.
#pragma once

#include <optional>
#include <vector>

#include "decode.h"

namespace cuttle {

/// A JPEG whose claims were looked at, decoded with `channels` channels, 0 for those it has: the
/// bytes that Pillow gives. Nothing for pictures of four colours. Throws Error, without the file's
/// name, for one that is damaged or ends early.
std::optional<DecodedImage> decode_jpeg(const std::vector<unsigned char>& jpeg, int channels);

}  // namespace cuttle
