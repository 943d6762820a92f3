// A file's bytes as memory that the system reads when they are touched. Internal to io.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "file.h"

namespace cuttle {

/// The mapping of a whole file. What is written to the memory stays in this process. The file has
/// to keep its length as long as the mapping lives; one that is replaced by renaming does no harm.
class MappedFile {
 public:
  /// Throws Error naming the file and the system's reason.
  explicit MappedFile(const File& file);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  uint8_t* data() const noexcept { return data_; }
  uint64_t size() const noexcept { return size_; }

 private:
  uint8_t* data_ = nullptr;  // of an empty file
  uint64_t size_;
};

}  // namespace cuttle
