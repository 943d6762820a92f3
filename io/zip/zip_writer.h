// Writes a zip file of stored members whose bytes begin on multiples of 64, as torch.save does.
// Internal to io.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../files/atomic_file.h"
#include "format.h"

namespace cuttle::zip {

/// Members in the order of add(), then the directory with finish(). Sizes and offsets from
/// `largest` on are written as zip64; readers want that at 4 GiB, tests earlier.
class Writer {
 public:
  explicit Writer(AtomicFile& file, uint64_t largest = kIn64) : file_(file), largest_(largest) {}

  void add(const std::string& name, const void* data, uint64_t bytes);
  void add(const std::string& name, std::string_view text) { add(name, text.data(), text.size()); }
  void finish();

 private:
  struct Entry {
    std::string name;
    uint64_t begin, size;
    uint32_t crc;
  };
  void write(std::string_view bytes);
  std::string central_entry(const Entry& entry) const;

  AtomicFile& file_;
  uint64_t largest_;
  uint64_t place_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace cuttle::zip
