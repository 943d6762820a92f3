// Signatures of picture formats.
#include "image_format.h"

#include <algorithm>
#include <array>

#include "../core/text.h"
#include "../kernels/error.h"

namespace cuttle {
namespace {

struct Signature {
  std::string_view bytes;
  ImageFormat format;
};
constexpr std::array<Signature, 11> kSignatures = {{
    {"\x89PNG\r\n\x1A\n", ImageFormat::png},
    {"\xFF\xD8\xFF", ImageFormat::jpeg},
    {"BM", ImageFormat::bmp},
    {"GIF87a", ImageFormat::gif},
    {"GIF89a", ImageFormat::gif},
    {"8BPS", ImageFormat::psd},
    {"\x53\x80\xF6\x34", ImageFormat::pic},
    {"P5", ImageFormat::pnm},
    {"P6", ImageFormat::pnm},
    {"#?RADIANCE\n", ImageFormat::hdr},
    {"#?RGBE\n", ImageFormat::hdr},
}};

// What is often found in folders of pictures, and not read.
struct Foreign {
  size_t place;
  std::string_view bytes;
  std::string_view name;
};
constexpr std::array<Foreign, 7> kForeign = {{
    {8, "WEBP", "a WebP picture"},
    {0, "II*", "a TIFF picture"},
    {0, std::string_view("MM\0*", 4), "a TIFF picture"},
    {4, "ftypavif", "an AVIF picture"},
    {4, "ftyphei", "a HEIF picture"},
    {0, "<svg", "an SVG drawing"},
    {0, "%PDF", "a PDF document"},
}};

// TGA has no signature: a header of 18 bytes whose kind of colour map, kind of picture and bits of
// a pixel are among the few that there are.
bool may_be_tga(std::string_view file) {
  constexpr size_t kHeader = 18;
  if (file.size() < kHeader) return false;
  constexpr std::string_view kKinds = "\x01\x02\x03\x09\x0A\x0B", kBits = "\x08\x0F\x10\x18\x20";
  return static_cast<unsigned char>(file[1]) <= 1 && kKinds.find(file[2]) != kKinds.npos &&
         kBits.find(file[16]) != kBits.npos;
}

}  // namespace

ImageFormat image_format(std::string_view file) {
  for (const Signature& signature : kSignatures) {
    if (file.starts_with(signature.bytes)) return signature.format;
  }
  for (const Foreign& foreign : kForeign) {
    if (file.substr(std::min(foreign.place, file.size())).starts_with(foreign.bytes)) {
      fail("it is ", foreign.name, ", which is not read here; convert it to PNG or JPEG");
    }
  }
  if (may_be_tga(file)) return ImageFormat::tga;
  if (file.empty()) fail("it is not a readable picture: it is empty");
  fail("it is not a readable picture: it begins with ", in_quotes(file.substr(0, 16)),
       ", as no PNG, JPEG, BMP, GIF, PSD, PIC, PNM, HDR or TGA does");
}

ImageBounds bounds_of(ImageFormat format) {
  switch (format) {
    case ImageFormat::png:
    case ImageFormat::jpeg:
      // Deflate makes at most 1032 bytes of one, each of eight pixels; a progressive JPEG has some
      // ten scans of 512 pixels a byte at the most. Here is room for more.
      return {1 << 15, 1};
    case ImageFormat::gif:
      return {1 << 12, 9};  // LZW: up to 4096 pixels for twelve bits
    case ImageFormat::pic:
      return {1 << 14, 4};  // 65,535 pixels for four bytes
    case ImageFormat::hdr:
      return {1 << 7, 16};
    default:
      return {1 << 7, 4};  // runs of up to 128 pixels for two bytes
  }
}

}  // namespace cuttle
