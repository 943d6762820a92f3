// A JPEG's segments (ITU-T T.81, annex B): FF, a marker's byte, and for most markers two bytes of
// length, themselves counted, before the contents. Compressed data lie between the segments; there
// FF is followed by 0 or the marker of a restart, D0 to D7, alone. A PNG's chunks (ISO/IEC 15948):
// four bytes of length, four of type, the contents, four of a checksum; eight bytes precede them.
#include "image_segments.h"

#include "../core/text.h"
#include "../kernels/error.h"
#include "crc32.h"

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
    if (codes > 256) fail("it has a Huffman table of ", codes, " codes, 256 are possible");
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

// Calls visit(chunk) for each before the last.
template <class Visit>
void for_each_chunk(std::string_view png, const Visit& visit) {
  for (size_t place = kSignature; place + kBeforeContents <= png.size();) {
    const Chunk chunk{
        .place = place, .length = number_at(png, place), .type = png.substr(place + 4, 4)};
    if (chunk.type == "IEND") break;
    visit(chunk);
    place += kBeforeContents + chunk.length + kChecksum;
  }
}

}  // namespace

int64_t checked_jpeg_scans(std::string_view jpeg) {
  constexpr int kTables = 0xC4, kRestart0 = 0xD0, kRestart7 = 0xD7, kBegin = 0xD8, kEnd = 0xD9;
  constexpr int kScan = 0xDA, kFill = 0xFF;
  int64_t scans = 0;
  size_t place = 0;
  while ((place = jpeg.find('\xFF', place)) != std::string_view::npos) {
    while (byte_at(jpeg, place) == kFill) ++place;
    const int marker = byte_at(jpeg, place++);
    if (marker == kEnd) break;
    if (marker == 0 || marker == kBegin || (marker >= kRestart0 && marker <= kRestart7)) continue;
    const int length = byte_at(jpeg, place) * 256 + byte_at(jpeg, place + 1);
    if (marker == kTables) check_huffman_tables(jpeg, place + 2, length - 2);
    if (marker == kScan) ++scans;
    place += static_cast<size_t>(length);
  }
  return scans;
}

void check_png_chunks(std::string_view png) {
  if (!png.starts_with("\x89PNG\r\n\x1A\n")) return;  // which the decoder says
  for_each_chunk(png, [&](const Chunk& chunk) {
    const size_t rest = png.size() - chunk.place - kBeforeContents;
    if (chunk.length > rest) {
      fail("it has a part of ", chunk.length, " bytes, of which ", rest,
           " are there; it is cut short");
    }
    const bool must_be_read = (chunk.type[0] & 0x20) == 0;  // a capital letter
    if (must_be_read && checksum_of(png, chunk) != stored_checksum(png, chunk)) {
      fail("the checksum of its part ", in_quotes(chunk.type), " is wrong; it is damaged");
    }
  });
}

void complete_palette(std::vector<unsigned char>& png) {
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
