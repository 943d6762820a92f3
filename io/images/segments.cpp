// A JPEG's segments (ITU-T T.81, annex B): FF, a marker's byte, and for most markers two bytes of
// length, themselves counted, before the contents. Compressed data lie between the segments; there
// FF is followed by 0 or the marker of a restart, D0 to D7, alone. A PNG's chunks (ISO/IEC 15948):
// four bytes of length, four of type, the contents, four of a checksum; eight bytes precede them.
#include "segments.h"

#include <algorithm>

#include "../../core/text.h"
#include "../../kernels/error.h"
#include "../files/crc32.h"

namespace cuttle {
namespace {

// A byte, 0 behind the end.
int byte_at(std::string_view bytes, size_t place) {
  return place < bytes.size() ? static_cast<unsigned char>(bytes[place]) : 0;
}

// The tables from `place` on, which take `length` bytes: class and number, how many codes there are
// of each length from 1 to 16, and a byte for each code.
void check_huffman_tables(std::string_view jpeg, size_t place, int64_t length) {
  while (length > 0) {
    int codes = 0;
    for (size_t i = 1; i <= 16; ++i) codes += byte_at(jpeg, place + i);
    if (codes > 256) {
      fail("it has a Huffman table of ", codes, " codes at byte ", place, ", 256 are possible");
    }
    place += static_cast<size_t>(17 + codes);
    length -= 17 + codes;
  }
}

constexpr size_t kSignature = 8, kBeforeContents = 8, kChecksum = 4;

// Four bytes, the highest first.
uint32_t number_at(std::string_view bytes, size_t place) {
  uint32_t number = 0;
  for (size_t i = 0; i < 4; ++i)
    number = number << 8 | static_cast<uint32_t>(byte_at(bytes, place + i));
  return number;
}

struct Chunk {
  size_t place = 0;  // where it begins: its length, its type, its contents, its checksum
  uint32_t length = 0;
  std::string_view type = {};
};

// Of its type and its contents.
uint32_t checksum_of(std::string_view png, const Chunk& chunk) {
  return crc32(png.data() + chunk.place + 4, 4 + size_t{chunk.length});
}
uint32_t stored_checksum(std::string_view png, const Chunk& chunk) {
  return number_at(png, chunk.place + kBeforeContents + chunk.length);
}

// Calls visit(chunk) for each; whether the last, IEND, is there.
template <class Visit>
bool for_each_chunk(std::string_view png, const Visit& visit) {
  for (size_t place = kSignature; place + kBeforeContents <= png.size();) {
    const Chunk chunk{
        .place = place, .length = number_at(png, place), .type = png.substr(place + 4, 4)};
    visit(chunk);
    if (chunk.type == "IEND") return true;
    place += kBeforeContents + chunk.length + kChecksum;
  }
  return false;
}

// Calls visit(marker, place, length) for each segment that has contents, up to the end of the
// picture; `place` is where its contents begin, `length` how many bytes they claim.
template <class Visit>
void for_each_segment(std::string_view jpeg, const Visit& visit) {
  constexpr int kRestart0 = 0xD0, kRestart7 = 0xD7, kBegin = 0xD8, kEnd = 0xD9, kFill = 0xFF;
  size_t place = 0;
  while ((place = jpeg.find('\xFF', place)) != std::string_view::npos) {
    while (byte_at(jpeg, place) == kFill) ++place;
    const int marker = byte_at(jpeg, place++);
    if (marker == kEnd) break;
    if (marker == 0 || marker == kBegin || (marker >= kRestart0 && marker <= kRestart7)) continue;
    const int length = byte_at(jpeg, place) * 256 + byte_at(jpeg, place + 1);
    visit(marker, place + 2, int64_t{length} - 2);
    place += static_cast<size_t>(length);
  }
}

}  // namespace

int64_t checked_jpeg_scans(std::string_view jpeg) {
  constexpr int kTables = 0xC4, kScan = 0xDA;
  int64_t scans = 0;
  for_each_segment(jpeg, [&](int marker, size_t place, int64_t length) {
    if (marker == kTables) check_huffman_tables(jpeg, place, length);
    if (marker == kScan) ++scans;
  });
  return scans;
}

void check_png_chunks(std::string_view png) {
  const bool ends = for_each_chunk(png, [&](const Chunk& chunk) {
    const size_t rest = png.size() - chunk.place - kBeforeContents;
    if (chunk.length + kChecksum > rest) {
      fail("it has a part of ", chunk.length, " bytes at byte ", chunk.place, ", of which ",
           std::min<size_t>(chunk.length, rest), " are there; it is cut short");
    }
    if (checksum_of(png, chunk) != stored_checksum(png, chunk)) {
      fail("the checksum of its part ", in_quotes(chunk.type), " at byte ", chunk.place,
           " is wrong; it is damaged");
    }
  });
  if (!ends) fail("it is cut short: it has no end at byte ", png.size());
}

std::string_view exif_of(std::string_view file) {
  std::string_view exif;
  if (file.starts_with('\x89')) {
    for_each_chunk(file, [&](const Chunk& chunk) {
      if (chunk.type == "eXIf") exif = file.substr(chunk.place + kBeforeContents, chunk.length);
    });
    return exif;
  }
  constexpr int kApplication1 = 0xE1;
  constexpr std::string_view kName("Exif\0\0", 6);
  for_each_segment(file, [&](int marker, size_t place, int64_t length) {
    if (marker != kApplication1 || !exif.empty() || place > file.size() || length < 0) return;
    const std::string_view contents = file.substr(place, static_cast<size_t>(length));
    if (contents.starts_with(kName)) exif = contents.substr(kName.size());
  });
  return exif;
}

void complete_png_palette(std::vector<unsigned char>& png) {
  constexpr uint32_t kColour = 3, kFull = 256 * kColour;
  Chunk palette;
  for_each_chunk({reinterpret_cast<const char*>(png.data()), png.size()}, [&](const Chunk& chunk) {
    if (chunk.type == "PLTE" && palette.place == 0) palette = chunk;
  });
  if (palette.place == 0 || palette.length >= kFull || palette.length % kColour != 0) return;
  const auto end = static_cast<std::ptrdiff_t>(palette.place + kBeforeContents + palette.length);
  png.insert(png.begin() + end, kFull - palette.length, 0);
  png[palette.place + 2] = kFull >> 8;
  png[palette.place + 3] = kFull & 255;
}

}  // namespace cuttle
