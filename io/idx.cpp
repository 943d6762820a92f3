// idx (yann.lecun.com/exdb/mnist): two zero bytes, the code of a type, the number of dimensions,
// each dimension as four bytes and then the elements, all with the highest byte first.
// CUTTLE_HAVE_ARCHIVE is defined where the build found zlib.
#include "idx.h"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <optional>

#include "../kernels/error.h"
#include "archives/gzip.h"
#include "files/file.h"

namespace cuttle {
namespace {

namespace fs = std::filesystem;

// A file's contents from the beginning to the end, decompressed if need be.
class Contents {
 public:
  explicit Contents(const fs::path& path) : file_(File::open_for_reading(path)) {
    size_ = file_.size();
    std::array<uint8_t, 2> first{};
    if (size_ >= first.size()) file_.read_at(0, first.data(), first.size());
    if (first != std::array<uint8_t, 2>{0x1F, 0x8B}) return;
#if CUTTLE_HAVE_ARCHIVE
    gzip_ = std::make_unique<GzipReader>(File::open_for_reading(path));
#else
    fail(
        "it is gzipped, and this build has no zlib (install libarchive-dev and zlib1g-dev and "
        "configure again, or unpack it with gunzip)");
#endif
  }

  uint64_t place() const {
    return place_;
  }

  void read(void* data, size_t bytes) {
    auto* next = static_cast<char*>(data);
    for (size_t left = bytes; left > 0;) {
      const size_t got = read_some(next, left);
      if (got == 0) {
        fail("it is cut short at byte ", place_, ", ", left, " more were expected");
      }
      next += got;
      left -= got;
    }
  }
  void expect_end() {
    char more = 0;
    const uint64_t end = place_;
    if (read_some(&more, 1) > 0) fail("it goes on at byte ", end, ", where it should end");
  }

 private:
  size_t read_some(void* data, size_t bytes) {
    size_t got = std::min<uint64_t>(bytes, size_ - std::min(place_, size_));
#if CUTTLE_HAVE_ARCHIVE
    if (gzip_) {
      got = gzip_->read(data, bytes);
      place_ += got;
      return got;
    }
#endif
    if (got > 0) file_.read_at(place_, data, got);
    place_ += got;
    return got;
  }

  File file_;
  uint64_t size_ = 0;
  uint64_t place_ = 0;
#if CUTTLE_HAVE_ARCHIVE
  std::unique_ptr<GzipReader> gzip_;
#endif
};

std::optional<DType> dtype_of(uint8_t code) {
  switch (code) {
    case 0x08:
      return DType::uint8;
    case 0x09:
      return DType::int8;
    case 0x0B:
      return DType::int16;
    case 0x0C:
      return DType::int32;
    case 0x0D:
      return DType::float32;
    case 0x0E:
      return DType::float64;
    default:
      return std::nullopt;
  }
}

// Of all elements; no product that is computed on the way overflows.
uint64_t checked_bytes(const IdxArray& array) {
  if (std::find(array.shape.begin(), array.shape.end(), 0) != array.shape.end()) return 0;
  uint64_t bytes = element_size(array.dtype);
  for (const int64_t size : array.shape) {
    bytes *= static_cast<uint64_t>(size);  // below 2^30 · 2^32
    if (bytes > kMaxIdxBytes) fail("its dimensions claim more than 1 GiB");
  }
  return bytes;
}

IdxArray read_array(const fs::path& path) {
  Contents contents(path);
  std::array<uint8_t, 4> header{};
  contents.read(header.data(), header.size());
  if (header[0] != 0 || header[1] != 0) fail("it is no idx file: it does not begin with two zeros");
  const std::optional<DType> dtype = dtype_of(header[2]);
  if (!dtype) fail("it is no idx file: at byte 2 it has type ", int{header[2]}, ", which none is");
  IdxArray array{.dtype = *dtype, .shape = {}, .bytes = {}};
  for (int d = 0; d < header[3]; ++d) {
    std::array<uint8_t, 4> size{};
    contents.read(size.data(), size.size());
    int64_t value = 0;
    for (const uint8_t byte : size) value = value << 8 | byte;
    array.shape.push_back(value);
  }
  const uint64_t bytes = checked_bytes(array);
  // Memory is taken as the elements come: a few compressed bytes can claim many.
  constexpr uint64_t kPiece = 1 << 20;
  for (uint64_t place = 0; place < bytes; place = array.bytes.size()) {
    array.bytes.resize(std::min(bytes, place + kPiece));
    contents.read(array.bytes.data() + place, array.bytes.size() - place);
  }
  contents.expect_end();
  const size_t element = element_size(array.dtype);
  if (std::endian::native == std::endian::little && element > 1) {
    for (auto e = array.bytes.begin(); e != array.bytes.end(); e += static_cast<ptrdiff_t>(element))
      std::reverse(e, e + static_cast<ptrdiff_t>(element));
  }
  return array;
}

}  // namespace

IdxArray read_idx(const fs::path& path) {
  try {
    return read_array(path);
  } catch (const Error& error) {
    fail("cannot read ", path.string(), ": ", error.what());
  }
}

}  // namespace cuttle
