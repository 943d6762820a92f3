// The end record, the directory it points to, and the header in front of each member. All that they
// claim is compared with the bytes there are.
#include "zip_reader.h"

#include <algorithm>
#include <cstring>
#include <unordered_set>

#include "../../core/text.h"
#include "../../kernels/error.h"
#include "format.h"

namespace cuttle::zip {
namespace {

// A directory of a million members takes some hundred bytes for each.
constexpr uint64_t kMaxDirectoryBytes = 256'000'000;

// A record in memory, and where in the file it came from.
class Bytes {
 public:
  Bytes(const File& file, uint64_t offset, uint64_t count) : offset_(offset) {
    if (offset > file.size() || count > file.size() - offset)
      fail("at byte ", offset, " ", count, " bytes of the zip's directory are expected, but the ",
           "file has ", file.size(), "; it is cut short");
    bytes_.resize(count);  // no sooner: a file can claim what it likes
    file.read_at(offset, bytes_.data(), bytes_.size());
  }

  /// The next number.
  template <class T>
  T take() {
    T value;
    std::memcpy(&value, skip(sizeof(T)), sizeof(T));
    return value;
  }
  std::string text(size_t count) { return {skip(count), count}; }
  const char* skip(size_t count) {
    if (count > bytes_.size() - place_)
      fail("the zip's directory is cut short at byte ", offset_ + bytes_.size());
    place_ += count;
    return bytes_.data() + place_ - count;
  }
  uint64_t place() const { return offset_ + place_; }
  void go_to(size_t place) { place_ = place; }

 private:
  uint64_t offset_;
  std::string bytes_;
  size_t place_ = 0;
};

struct Directory {
  uint64_t begin = 0, bytes = 0, count = 0;
};

// Behind the end record there may be a comment, of 65,535 bytes at most.
Bytes find_end(const File& file, uint64_t& place) {
  const uint64_t tail = std::min<uint64_t>(file.size(), kEndBytes + 0xFFFF);
  Bytes bytes(file, file.size() - tail, tail);
  for (size_t at = tail < kEndBytes ? 0 : tail - kEndBytes + 1; at-- > 0;) {
    bytes.go_to(at);
    if (bytes.take<uint32_t>() != kEndSignature) continue;
    place = file.size() - tail + at;
    return bytes;
  }
  fail("it does not end as a zip file does; it is cut short or of another format");
}

// Where the zip64 end record is, if there is one in front of the end record.
Directory read_end64(const File& file, uint64_t end_place, const Directory& small) {
  if (end_place < kLocator64Bytes) return small;
  Bytes locator(file, end_place - kLocator64Bytes, kLocator64Bytes);
  if (locator.take<uint32_t>() != kLocator64Signature) return small;
  locator.skip(4);
  const auto place = locator.take<uint64_t>();
  Bytes end(file, place, kEnd64Bytes);
  if (end.take<uint32_t>() != kEnd64Signature) fail("there is no zip64 end record at byte ", place);
  end.skip(28);
  Directory directory;
  directory.count = end.take<uint64_t>();
  directory.bytes = end.take<uint64_t>();
  directory.begin = end.take<uint64_t>();
  return directory;
}

Directory read_end(const File& file) {
  uint64_t place = 0;
  Bytes end = find_end(file, place);
  end.skip(6);
  Directory directory;
  directory.count = end.take<uint16_t>();
  directory.bytes = end.take<uint32_t>();
  directory.begin = end.take<uint32_t>();
  directory = read_end64(file, place, directory);
  if (directory.bytes > kMaxDirectoryBytes)
    fail("the zip's directory takes ", directory.bytes, " bytes, beyond ", kMaxDirectoryBytes);
  if (directory.count > directory.bytes / kCentralBytes)
    fail("the zip's end claims ", directory.count, " members in ", directory.bytes, " bytes");
  return directory;
}

// Puts in the 64 bits where the 32 say that they are in the extra field.
void read_extra(Bytes& directory, size_t extra_bytes, uint64_t& size, uint64_t& packed,
                uint64_t& header) {
  const uint64_t end = directory.place() + extra_bytes;
  while (directory.place() + 4 <= end) {
    const auto id = directory.take<uint16_t>();
    const auto bytes = directory.take<uint16_t>();
    if (bytes > end - directory.place())
      fail("the zip's directory has an extra field that is cut short at byte ", directory.place());
    const uint64_t next = directory.place() + bytes;
    for (uint64_t* field : {&size, &packed, &header})
      if (id == kZip64Extra && *field == kIn64 && directory.place() + 8 <= next)
        *field = directory.take<uint64_t>();
    directory.skip(next - directory.place());
  }
  directory.skip(end - directory.place());
}

// One entry of the directory; `begin` is still its header's place.
Member read_entry(Bytes& directory) {
  const uint64_t place = directory.place();
  if (directory.take<uint32_t>() != kCentralSignature)
    fail("there is no member's entry at byte ", place, " of the zip's directory");
  directory.skip(4);
  const auto flags = directory.take<uint16_t>(), method = directory.take<uint16_t>();
  directory.skip(4);
  Member member;
  member.crc = directory.take<uint32_t>();
  uint64_t packed = directory.take<uint32_t>();
  member.size = directory.take<uint32_t>();
  const auto name_bytes = directory.take<uint16_t>(), extra_bytes = directory.take<uint16_t>(),
             comment_bytes = directory.take<uint16_t>();
  directory.skip(8);
  member.begin = directory.take<uint32_t>();
  member.name = directory.text(name_bytes);
  read_extra(directory, extra_bytes, member.size, packed, member.begin);
  directory.skip(comment_bytes);
  if ((flags & 1) != 0) fail("the member ", in_quotes(member.name), " is encrypted");
  if (method != 0)
    fail("the member ", in_quotes(member.name), " is compressed (method ", method,
         "); members have to be stored as they are, as torch.save and `zip -0` do it");
  if (packed != member.size)
    fail("the member ", in_quotes(member.name), " has two sizes, ", packed, " and ", member.size);
  return member;
}

// Finds where its bytes begin: behind a header of its own, whose name and extra field have lengths
// of their own.
void find_bytes(const File& file, Member& member) {
  Bytes header(file, member.begin, kLocalBytes);
  if (header.take<uint32_t>() != kLocalSignature)
    fail("the member ", in_quotes(member.name), " has no header at byte ", member.begin);
  header.skip(22);
  const auto name_bytes = header.take<uint16_t>(), extra_bytes = header.take<uint16_t>();
  const uint64_t begin = member.begin + kLocalBytes + name_bytes + extra_bytes;
  if (begin > file.size() || member.size > file.size() - begin)
    fail("the member ", in_quotes(member.name), " should take ", member.size, " bytes from byte ",
         begin, " on, but the file has ", file.size(), "; it is cut short");
  member.begin = begin;
}

// Small files that claim to hold a lot let members share bytes.
void check_overlaps(const std::vector<Member>& members) {
  std::vector<const Member*> order;
  for (const Member& member : members) order.push_back(&member);
  std::sort(order.begin(), order.end(),
            [](const Member* a, const Member* b) { return a->begin < b->begin; });
  for (size_t i = 1; i < order.size(); ++i)
    if (order[i]->begin < order[i - 1]->begin + order[i - 1]->size)
      fail("the members ", in_quotes(order[i - 1]->name), " and ", in_quotes(order[i]->name),
           " overlap at byte ", order[i]->begin);
}

}  // namespace

std::vector<Member> read_members(const File& file) {
  const Directory end = read_end(file);
  Bytes directory(file, end.begin, end.bytes);
  std::vector<Member> members;
  std::unordered_set<std::string> names;
  for (uint64_t i = 0; i < end.count; ++i) {
    members.push_back(read_entry(directory));
    if (!names.insert(members.back().name).second)
      fail("the member ", in_quotes(members.back().name), " is there twice");
    find_bytes(file, members.back());
  }
  check_overlaps(members);
  return members;
}

}  // namespace cuttle::zip
