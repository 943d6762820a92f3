// What the parts of a picture's file claim, looked at before it is decoded. Internal to io.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace cuttle {

/// How many scans the JPEG has: how often a decoder goes over its pixels. Throws Error for a
/// Huffman table of more than 256 codes, which stb_image up to 2.27 writes past the end of its
/// arrays.
int64_t checked_jpeg_scans(std::string_view jpeg);

/// Throws Error, with the offset, for a PNG without its last chunk, for a chunk that is longer than
/// the rest of the file, for which stb_image would allocate what it claims, and for one whose
/// checksum is wrong: stb_image compares none, and would show damage as colours.
void check_png_chunks(std::string_view png);

/// Fills the palette of a checked PNG up to 256 colours with black, if it has one. stb_image does
/// not look whether a pixel's colour is there, and would take what lies on the stack.
void complete_png_palette(std::vector<unsigned char>& png);

/// The EXIF data of a PNG or JPEG, which are a TIFF file; empty if it has none.
std::string_view exif_of(std::string_view file);

}  // namespace cuttle
