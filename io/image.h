// Pictures as files.
#pragma once

#include <filesystem>
#include <string>

#include "../core/tensor.h"

namespace cuttle {

/// Reads a PNG, JPEG, BMP, GIF (its first picture), PSD, PIC, PNM (P5, P6), HDR or TGA, which its
/// first bytes tell apart, as uint8 (H, W, C). `channels` is 1 (grey), 3 (RGB) or 4 (RGBA),
/// whatever the file holds; 0 keeps the file's own. A photograph is turned upright as its EXIF
/// orientation says, unless `apply_exif_orientation` is false. Throws Error if it cannot be read,
/// is damaged (a PNG with a wrong checksum) or ends early. Safe to call from several threads.
Tensor read_image(const std::filesystem::path& path, int channels = 3,
                  bool apply_exif_orientation = true);

/// Writes uint8 (H, W, C) or (H, W) with C of 1, 3 or 4, as the ending says: .png, .jpg, .jpeg (C
/// of 1 or 3). The file appears whole or not at all.
void write_image(const Tensor& image, const std::filesystem::path& path, int jpeg_quality = 90);

/// The bytes of a PNG file of uint8 (H, W, C) or (H, W) with C of 1, 3 or 4.
std::string encode_png(const Tensor& image);

}  // namespace cuttle
