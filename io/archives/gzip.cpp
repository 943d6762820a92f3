// GzipReader on zlib, whose inflate() compares the checksum and the length of each member.
#include "gzip.h"

#include <zlib.h>

#include <algorithm>
#include <utility>

#include "../../kernels/error.h"

namespace cuttle {

struct GzipReader::Stream {
  Stream() {
    constexpr int kLargestWindow = 15, kGzip = 16;
    if (inflateInit2(&z, kLargestWindow + kGzip) != Z_OK) fail("zlib does not start");
  }
  ~Stream() { inflateEnd(&z); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  z_stream z{};
};

GzipReader::GzipReader(File file)
    : file_(std::move(file)),
      size_(file_.size()),
      waiting_(1 << 16),
      stream_(std::make_unique<Stream>()) {}

GzipReader::~GzipReader() = default;

// More compressed bytes for zlib, if it has none and the file has.
void GzipReader::refill() {
  if (stream_->z.avail_in > 0) return;
  const size_t bytes = std::min<uint64_t>(waiting_.size(), size_ - place_);
  if (bytes > 0) file_.read_at(place_, waiting_.data(), bytes);
  place_ += bytes;
  stream_->z.next_in = waiting_.data();
  stream_->z.avail_in = static_cast<uInt>(bytes);
}

// Behind a member: the file's end, another member, or zeros.
void GzipReader::begin_member() {
  z_stream& z = stream_->z;
  refill();
  if (z.avail_in > 0 && *z.next_in == 0x1F) {  // as each begins
    inflateReset(&z);
    in_member_ = true;
    return;
  }
  for (; z.avail_in > 0; refill()) {
    if (std::any_of(z.next_in, z.next_in + z.avail_in, [](Bytef byte) { return byte != 0; })) {
      fail("something that is not compressed follows its end at byte ", place_ - z.avail_in);
    }
    z.avail_in = 0;
  }
  ended_ = true;
}

size_t GzipReader::read(void* data, size_t bytes) {
  z_stream& z = stream_->z;
  z.next_out = static_cast<Bytef*>(data);
  z.avail_out = static_cast<uInt>(std::min<size_t>(bytes, 1 << 30));
  const uInt wanted = z.avail_out;
  while (z.avail_out == wanted && !ended_) {
    if (!in_member_) {
      begin_member();
      continue;
    }
    refill();
    if (z.avail_in == 0) fail("it is cut short at byte ", size_);
    const int code = inflate(&z, Z_NO_FLUSH);
    if (code == Z_STREAM_END) {
      in_member_ = false;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      fail(z.msg != nullptr ? z.msg : "zlib cannot read it", " at byte ", place_ - z.avail_in);
    }
  }
  return wanted - z.avail_out;
}

}  // namespace cuttle
