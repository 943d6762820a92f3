// safetensors files. An input that begins with '{' is a header, up to a zero byte, and the buffer,
// for a fuzzer seldom keeps the header's length right; any other is the file as it is. A header
// that is accepted can be written, and is then read as the same.
#include <cuttle/io/safetensors/file.h>

#include <algorithm>

#include "input.h"

namespace {

using namespace cuttle;

void expect_round_trip(const safetensors::Header& header, uint64_t buffer_bytes) {
  const auto is_supported = [](const safetensors::Entry& entry) {
    return entry.unsupported.empty();
  };
  if (!std::all_of(header.entries.begin(), header.entries.end(), is_supported)) return;
  safetensors::Header again;
  const bool read = fuzz::accepted(
      [&] { again = safetensors::parse_header(safetensors::write_header(header), buffer_bytes); });
  fuzz::require(read, "what was written is read");
  fuzz::require(again.metadata == header.metadata, "the metadata stay");
  fuzz::require(std::equal(again.entries.begin(), again.entries.end(), header.entries.begin(),
                           header.entries.end(),
                           [](const safetensors::Entry& a, const safetensors::Entry& b) {
                             return a.name == b.name && a.dtype == b.dtype && a.shape == b.shape &&
                                    a.begin == b.begin && a.end == b.end;
                           }),
                "the entries stay");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static fuzz::InputFile file;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  fuzz::accepted([&] {
    if (input.starts_with('{')) {
      const std::string_view json = input.substr(0, input.find('\0'));
      const uint64_t buffer_bytes = size - std::min(size, json.size() + 1);
      expect_round_trip(safetensors::parse_header(json, buffer_bytes), buffer_bytes);
    } else {
      const safetensors::OpenFile open = safetensors::open_checked(file.write(data, size));
      expect_round_trip(open.header, size - open.buffer_begin);
    }
  });
  return 0;
}
