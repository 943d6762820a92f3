// PNG files that are wrong in one place alone: with checksums that are right again.
#pragma once

#include <cuttle/io/files/crc32.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace cuttle::test {

/// The same bytes, the checksum of each whole chunk computed anew; what is no PNG stays as it is.
inline std::string with_checksums(std::string png) {
  if (!png.starts_with("\x89PNG\r\n\x1A\n")) return png;
  const auto byte = [&](size_t place) { return static_cast<unsigned char>(png[place]); };
  for (size_t place = 8; place + 12 <= png.size();) {
    size_t length = 0;
    for (size_t i = 0; i < 4; ++i) length = length << 8 | byte(place + i);
    if (length > png.size() - place - 12) break;
    const uint32_t crc = crc32(png.data() + place + 4, 4 + length);
    place += 8 + length;
    for (size_t i = 0; i < 4; ++i) png[place + i] = static_cast<char>(crc >> (24 - 8 * i));
    place += 4;
  }
  return png;
}

}  // namespace cuttle::test
