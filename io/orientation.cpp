// EXIF 2.32, section 4.6.4: tag 0x0112 of the first directory. A TIFF file begins with II or MM for
// the order of bytes, 42, and the directory's offset; a directory is a count and entries of twelve
// bytes: tag, type, count, value.
#include "orientation.h"

#include <cstdint>
#include <cstring>
#include <utility>

namespace cuttle {
namespace {

// Of `count` bytes; 0 behind the end.
uint32_t number_at(std::string_view bytes, size_t place, size_t count, bool highest_first) {
  if (place > bytes.size() || count > bytes.size() - place) return 0;
  uint32_t number = 0;
  for (size_t i = 0; i < count; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[place + i]);
    number |= uint32_t{byte} << 8 * (highest_first ? count - 1 - i : i);
  }
  return number;
}

}  // namespace

int exif_orientation(std::string_view exif) {
  constexpr uint32_t kOrientation = 0x0112, kShort = 3, kLong = 4;
  const bool highest_first = exif.starts_with("MM");
  if (!highest_first && !exif.starts_with("II")) return 1;
  const auto number = [&](size_t place, size_t count) {
    return number_at(exif, place, count, highest_first);
  };
  if (number(2, 2) != 42) return 1;
  const size_t directory = number(4, 4);
  const uint32_t entries = number(directory, 2);
  for (uint32_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + size_t{12} * i;
    if (number(entry, 2) != kOrientation) continue;
    const uint32_t type = number(entry + 2, 2);
    const uint32_t value = type == kShort ? number(entry + 8, 2) : number(entry + 8, 4);
    const bool known = (type == kShort || type == kLong) && value >= 1 && value <= 8;
    return known ? static_cast<int>(value) : 1;
  }
  return 1;
}

void turn_upright(int orientation, std::vector<unsigned char>& pixels, int& height, int& width,
                  int channels) {
  if (orientation == 1) return;
  const bool exchange = orientation >= 5;
  const bool from_below =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const int rows = exchange ? width : height, columns = exchange ? height : width;
  const auto bytes = static_cast<size_t>(channels);
  std::vector<unsigned char> turned(pixels.size());
  unsigned char* to = turned.data();
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; ++x, to += bytes) {
      const int row = exchange ? x : y, column = exchange ? y : x;
      const auto from_row = static_cast<size_t>(from_below ? height - 1 - row : row);
      const auto from_column = static_cast<size_t>(from_right ? width - 1 - column : column);
      std::memcpy(to, &pixels[(from_row * static_cast<size_t>(width) + from_column) * bytes],
                  bytes);
    }
  }
  pixels = std::move(turned);
  height = rows;
  width = columns;
}

}  // namespace cuttle
