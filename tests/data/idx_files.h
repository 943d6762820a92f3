// idx files byte by byte, and gzipped ones.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#if CUTTLE_WITH_ARCHIVE
#include <zlib.h>
#endif

namespace cuttle::testing {

/// `type` is the format's code of the elements' type; `elements` are their bytes.
inline std::string idx(char type, const std::vector<uint32_t>& shape, const std::string& elements) {
  std::string bytes(2, '\0');
  bytes += type;
  bytes += static_cast<char>(shape.size());
  for (const uint32_t size : shape) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift & 255);
  }
  return bytes + elements;
}

#if CUTTLE_WITH_ARCHIVE
/// By zlib's own writer.
inline void write_gzip(const std::string& path, const std::string& contents) {
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, contents.data(), static_cast<unsigned>(contents.size()));
  gzclose(file);
}
#endif

}  // namespace cuttle::testing
