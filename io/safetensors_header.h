// The JSON header of a safetensors file: its checks and its writing. Internal to io.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../core/dtype.h"
#include "../core/shape.h"
#include "safetensors.h"

namespace cuttle::safetensors {

/// The largest header that readers accept.
inline constexpr uint64_t kMaxHeaderBytes = 100'000'000;

/// One tensor: its bytes are [begin, end) of the buffer behind the header.
struct Entry {
  std::string name;
  DType dtype = DType::float32;
  Shape shape;
  uint64_t begin = 0;
  uint64_t end = 0;
};

struct Header {
  std::vector<Entry> entries;  // in the order of the JSON
  Metadata metadata;
};

/// The JSON text, padded with spaces to a multiple of eight bytes.
std::string write_header(const Header& header);

/// Throws Error, without the file's name, for anything but a valid header of a buffer of
/// `buffer_bytes` bytes.
Header parse_header(std::string_view json, uint64_t buffer_bytes);

}  // namespace cuttle::safetensors
