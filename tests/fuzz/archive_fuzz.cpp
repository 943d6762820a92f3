// Archives. An input that begins with '1' is a tar, compressed here, for no fuzzer guesses a
// checksum; any other first byte is left out, and the rest is the .tar.gz as it is.
#include <cuttle/io/archives/archive.h>
#include <zlib.h>

#include "scratch.h"

namespace {

namespace fs = std::filesystem;
using namespace cuttle;

std::string compressed(const uint8_t* data, size_t size) {
  z_stream z{};
  constexpr int kLargestWindow = 15, kGzip = 16;
  fuzz::require(deflateInit2(&z, Z_NO_COMPRESSION, Z_DEFLATED, kLargestWindow + kGzip, 8,
                             Z_DEFAULT_STRATEGY) == Z_OK,
                "zlib starts");
  std::string out(deflateBound(&z, size), '\0');
  z.next_in = const_cast<Bytef*>(data);
  z.avail_in = static_cast<uInt>(size);
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  fuzz::require(deflate(&z, Z_FINISH) == Z_STREAM_END, "zlib compresses");
  out.resize(out.size() - z.avail_out);
  deflateEnd(&z);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static fuzz::InputFile file;
  static const fuzz::Scratch scratch;
  if (size == 0) return 0;
  const std::string archive = data[0] == '1'
                                  ? compressed(data + 1, size - 1)
                                  : std::string(reinterpret_cast<const char*>(data) + 1, size - 1);
  const fs::path into = scratch.path / "into";
  const bool taken =
      fuzz::accepted([&] { extract_tar_gz(file.write(archive.data(), archive.size()), into); });
  fuzz::require(fs::exists(into) == taken, "what is refused leaves nothing");
  fs::remove_all(into);
  fuzz::require(fs::is_empty(scratch.path), "nothing leads out of the folder");
  return 0;
}
