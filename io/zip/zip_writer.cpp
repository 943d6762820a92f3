// Headers, padding, directory and end records.
#include "zip_writer.h"

#include "../../kernels/error.h"
#include "../files/crc32.h"

namespace cuttle::zip {
namespace {

constexpr uint64_t kAlignment = 64;
constexpr uint16_t kPlainVersion = 20, kZip64Version = 45;  // of the format, times ten
constexpr uint16_t kUtf8Names = 1 << 11;
constexpr uint16_t kDay = 33;  // 1 January 1980, so that equal contents are equal files
constexpr uint16_t kPaddingExtra = 0x4246;  // "FB", in which PyTorch pads

class Record {
 public:
  template <class T>
  Record& put(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
    return *this;
  }
  Record& put(const std::string& text) {
    bytes_ += text;
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// What a local header and the directory's entry have in common, but for the lengths behind it.
void put_description(Record& record, bool in64, uint32_t crc, uint64_t size) {
  const auto size32 = in64 ? kIn64 : static_cast<uint32_t>(size);
  record.put(in64 ? kZip64Version : kPlainVersion).put(kUtf8Names);
  record.put(uint16_t{0}).put(uint16_t{0}).put(kDay).put(crc).put(size32).put(size32);
}

}  // namespace

void Writer::write(std::string_view bytes) {
  file_.write(bytes);
  place_ += bytes.size();
}

void Writer::add(const std::string& name, const void* data, uint64_t bytes) {
  if (name.size() > 0xFFFF) fail("the name of a member has ", name.size(), " bytes, beyond 65535");
  entries_.push_back({name, place_, bytes, crc32(data, bytes)});
  const bool in64 = bytes >= largest_;
  Record extra;
  if (in64) extra.put(kZip64Extra).put(uint16_t{16}).put(bytes).put(bytes);
  const uint64_t head = place_ + kLocalBytes + name.size() + extra.bytes().size() + 4;
  const auto padding = static_cast<uint16_t>((kAlignment - head % kAlignment) % kAlignment);
  extra.put(kPaddingExtra).put(padding).put(std::string(padding, 'Z'));

  Record header;
  header.put(kLocalSignature);
  put_description(header, in64, entries_.back().crc, bytes);
  header.put(static_cast<uint16_t>(name.size()));
  header.put(static_cast<uint16_t>(extra.bytes().size()));
  write(header.put(name).put(extra.bytes()).bytes());
  if (bytes > 0) file_.write(data, bytes);
  place_ += bytes;
}

std::string Writer::central_entry(const Entry& entry) const {
  const bool size64 = entry.size >= largest_, begin64 = entry.begin >= largest_;
  Record fields, extra;
  if (size64) fields.put(entry.size).put(entry.size);
  if (begin64) fields.put(entry.begin);
  if (size64 || begin64)
    extra.put(kZip64Extra).put(static_cast<uint16_t>(fields.bytes().size())).put(fields.bytes());
  Record record;
  record.put(kCentralSignature).put(kZip64Version);
  put_description(record, size64, entry.crc, entry.size);
  record.put(static_cast<uint16_t>(entry.name.size()));
  record.put(static_cast<uint16_t>(extra.bytes().size()));
  record.put(uint16_t{0}).put(uint16_t{0}).put(uint16_t{0}).put(uint32_t{0});
  record.put(begin64 ? kIn64 : static_cast<uint32_t>(entry.begin));
  return record.put(entry.name).put(extra.bytes()).bytes();
}

void Writer::finish() {
  const uint64_t begin = place_, count = entries_.size();
  for (const Entry& entry : entries_) write(central_entry(entry));
  const uint64_t bytes = place_ - begin;
  const bool in64 = begin >= largest_ || bytes >= largest_ || count >= kCountIn64;
  Record end;
  if (in64) {
    end.put(kEnd64Signature).put(uint64_t{kEnd64Bytes - 12}).put(kZip64Version).put(kZip64Version);
    end.put(uint32_t{0}).put(uint32_t{0}).put(count).put(count).put(bytes).put(begin);
    end.put(kLocator64Signature).put(uint32_t{0}).put(place_).put(uint32_t{1});
  }
  const auto count16 = in64 ? kCountIn64 : static_cast<uint16_t>(count);
  end.put(kEndSignature).put(uint16_t{0}).put(uint16_t{0}).put(count16).put(count16);
  end.put(in64 ? kIn64 : static_cast<uint32_t>(bytes));
  end.put(in64 ? kIn64 : static_cast<uint32_t>(begin)).put(uint16_t{0});
  write(end.bytes());
}

}  // namespace cuttle::zip
