// Reads what gzip compressed, and believes it only with its checksum. Internal to io.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "../files/file.h"

namespace cuttle {

/// A gzip file (RFC 1952) read from its beginning to its end: one member or several in a row, then
/// nothing, or zeros that fill a block up.
class GzipReader {
 public:
  /// Throws Error if zlib does not start.
  explicit GzipReader(File file);
  ~GzipReader();
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  /// Up to `bytes` bytes of the contents; 0 at their end alone, when every checksum and length has
  /// been compared. Throws Error for a file that is damaged, cut short or no gzip, and for one that
  /// goes on behind its end.
  size_t read(void* data, size_t bytes);

 private:
  struct Stream;

  void refill();
  void begin_member();

  File file_;
  uint64_t place_ = 0;  // in the file
  uint64_t size_ = 0;
  std::vector<unsigned char> waiting_;  // compressed bytes that zlib reads
  std::unique_ptr<Stream> stream_;
  bool in_member_ = true;  // an empty file is no gzip
  bool ended_ = false;
};

}  // namespace cuttle
