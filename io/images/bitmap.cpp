// BMP: a file header of 14 bytes (of which those at 10 say where the pixels begin), a header that
// begins with its own length (12 bytes in OS/2 1.x, else 40 and more), the palette, the pixels.
// Numbers have their lowest byte first. PNM: P5 or P6, width, height and the largest value as
// decimal numbers, with spaces and comments between them.
#include "bitmap.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "../../kernels/error.h"

namespace cuttle {
namespace {

using Bytes = std::vector<unsigned char>;

constexpr size_t kFileHeader = 14, kHeader = 40, kOldHeader = 12;

uint32_t number_at(const Bytes& bytes, size_t place, size_t count) {
  uint32_t number = 0;
  for (size_t i = count; i > 0; --i) number = number << 8 | bytes[place + i - 1];
  return number;
}

void append(Bytes& bytes, uint32_t number, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    bytes.push_back(static_cast<unsigned char>(number >> (8 * i)));
  }
}

}  // namespace

void complete_bmp_palette(Bytes& bmp) {
  if (bmp.size() < kFileHeader + kOldHeader) return;  // which the decoder says
  const size_t pixels = number_at(bmp, 10, 4), header = number_at(bmp, 14, 4);
  const bool old = header == kOldHeader;
  if (!old && (header < kHeader || bmp.size() < kFileHeader + kHeader)) return;
  const uint32_t bits = number_at(bmp, old ? 24 : 28, 2);
  const uint32_t compression = old ? 0 : number_at(bmp, 30, 4);
  if (bits > 8 || compression != 0) return;
  const size_t palette = kFileHeader + header;
  if (palette > bmp.size() || pixels < palette || pixels > bmp.size()) {
    fail("its pixels begin at byte ", pixels, " of ", bmp.size(), "; it is cut short or damaged");
  }
  const size_t full = size_t{1} << bits, entry = old ? 3 : 4;
  const size_t colours = std::min(full, (pixels - palette) / entry);

  Bytes made(bmp.begin(), bmp.begin() + 10);
  append(made, static_cast<uint32_t>(kFileHeader + kHeader + 4 * full), 4);
  append(made, kHeader, 4);
  for (size_t i = 0; i < 2; ++i) {  // width and height
    append(made, old ? number_at(bmp, 18 + 2 * i, 2) : number_at(bmp, 18 + 4 * i, 4), 4);
  }
  append(made, number_at(bmp, old ? 22 : 26, 2), 2);
  append(made, bits, 2);
  made.resize(kFileHeader + kHeader + 4 * full);
  for (size_t i = 0; i < colours; ++i) {
    std::copy_n(bmp.begin() + static_cast<ptrdiff_t>(palette + i * entry), 3,
                made.begin() + static_cast<ptrdiff_t>(kFileHeader + kHeader + 4 * i));
  }
  made.insert(made.end(), bmp.begin() + static_cast<ptrdiff_t>(pixels), bmp.end());
  bmp = std::move(made);
}

void check_pnm_range(std::string_view pnm) {
  constexpr std::string_view kSpaces = " \t\n\v\f\r";
  std::array<int, 3> numbers{};  // width, height, the largest value
  size_t place = 2;
  for (int& number : numbers) {
    while (place < pnm.size() &&
           (pnm[place] == '#' || kSpaces.find(pnm[place]) != std::string_view::npos)) {
      place =
          pnm[place] == '#' ? std::min(pnm.find_first_of("\r\n", place), pnm.size()) : place + 1;
    }
    for (; place < pnm.size() && pnm[place] >= '0' && pnm[place] <= '9'; ++place) {
      number = std::min(number * 10 + (pnm[place] - '0'), 1 << 24);
    }
  }
  if (numbers[2] != 255) {
    fail("its largest value is ", numbers[2],
         "; PNM files of 0 to 255 are read, convert it to PNG");
  }
}

}  // namespace cuttle
