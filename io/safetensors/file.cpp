// The frame of a safetensors file: u64 header length N, N bytes of JSON (header.h), the
// buffer. All little-endian.
#include "file.h"

#include <string>

#include "../../kernels/error.h"

namespace cuttle::safetensors {

OpenFile open_checked(const std::filesystem::path& path) {
  OpenFile open{.file = File::open_for_reading(path), .header = {}, .buffer_begin = 0};
  const uint64_t size = open.file.size();
  if (size < 8) fail("the file has ", size, " bytes, too few for the header's length");
  uint64_t header_bytes = 0;
  open.file.read_at(0, &header_bytes, sizeof(header_bytes));
  if (header_bytes > kMaxHeaderBytes) {
    fail("the header's length is ", header_bytes, ", beyond 100,000,000: not a safetensors file");
  }
  if (header_bytes > size - 8) {
    fail("the header should take ", header_bytes, " bytes, but the file ends after ", size - 8,
         "; it is cut short or not a safetensors file");
  }
  std::string json(header_bytes, '\0');
  open.file.read_at(8, json.data(), json.size());
  open.buffer_begin = 8 + header_bytes;
  open.header = parse_header(json, size - open.buffer_begin);
  return open;
}

}  // namespace cuttle::safetensors
