// The JSON header of a safetensors file: its checks and its writing. Internal to io.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../../core/dtype.h"
#include "../../core/shape.h"
#include "../serialization.h"

namespace cuttle::safetensors {

/// The largest header that readers accept, and the deepest: the values of keys that the format does
/// not know are passed over, whatever they are.
inline constexpr uint64_t kMaxHeaderBytes = 100'000'000;
inline constexpr int kMaxDepth = 127;

/// The format's names of the types that there are tensors of.
inline constexpr std::array<std::pair<std::string_view, DType>, 10> kDTypes = {{
    {"F32", DType::float32},
    {"F64", DType::float64},
    {"F16", DType::float16},
    {"BF16", DType::bfloat16},
    {"I64", DType::int64},
    {"I32", DType::int32},
    {"I16", DType::int16},
    {"I8", DType::int8},
    {"U8", DType::uint8},
    {"BOOL", DType::boolean},
}};

/// One tensor: its bytes are [begin, end) of the buffer behind the header.
struct Entry {
  std::string name;
  DType dtype = DType::float32;
  Shape shape;
  uint64_t begin = 0;
  uint64_t end = 0;
  /// Why it cannot be a tensor here, in words, where its dtype or its rank is beyond this library;
  /// dtype and shape say nothing then. Empty as a rule.
  std::string unsupported = {};
};

struct Header {
  std::vector<Entry> entries;  // in the order of the JSON
  Metadata metadata;
};

/// The JSON text, padded with spaces to a multiple of eight bytes.
std::string write_header(const Header& header);

/// Throws Error, without the file's name, for anything but a valid header of a buffer of
/// `buffer_bytes` bytes. As the format's own library has it, `__metadata__` may be null, and what a
/// tensor's description has beside dtype, shape and data_offsets does not matter.
Header parse_header(std::string_view json, uint64_t buffer_bytes);

}  // namespace cuttle::safetensors
