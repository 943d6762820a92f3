// Archive: which file it is, and its members' bytes.
#include "archive.h"

#include <algorithm>

#include "../../core/text.h"
#include "../../kernels/error.h"
#include "../files/crc32.h"
#include "torch_file.h"

namespace cuttle::torch_file {
namespace {

constexpr uint64_t kAlignment = 8;  // of the largest element

// What PyTorch wrote before version 1.6 begins with a pickled number.
constexpr std::string_view kLegacyBegin =
    "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

void check_beginning(const File& file) {
  std::string begin(std::min<uint64_t>(file.size(), kLegacyBegin.size()), '\0');
  file.read_at(0, begin.data(), begin.size());
  if (begin == kLegacyBegin)
    fail("it is of PyTorch's format from before version 1.6; read it with torch.load and write it ",
         "again with torch.save");
}

}  // namespace

Archive::Archive(const std::filesystem::path& path, bool mmap)
    : file_(File::open_for_reading(path)) {
  check_beginning(file_);
  constexpr std::string_view kPickle = "/data.pkl";
  for (zip::Member& member : zip::read_members(file_)) {
    if (member.name.ends_with(kPickle) &&
        member.name.find('/') + kPickle.size() == member.name.size()) {
      if (!folder_.empty())
        fail("it holds two files in one: ", in_quotes(folder_ + "data.pkl"), " and ",
             in_quotes(member.name));
      folder_ = member.name.substr(0, member.name.size() - kPickle.size() + 1);
    }
    std::string name = member.name;
    members_.emplace(std::move(name), std::move(member));
  }
  if (folder_.empty()) fail("it is a zip file without data.pkl, not one that torch.save wrote");
  if (find("constants.pkl") != nullptr)
    fail("it is a TorchScript program; save the state_dict() of the model instead");
  if (const zip::Member* const order = find("byteorder")) {
    std::string text(std::min<uint64_t>(order->size, 16), '\0');
    file_.read_at(order->begin, text.data(), text.size());
    if (text != "little")
      fail("its numbers are in byte order ", in_quotes(text), ", not \"little\"");
  }
  if (mmap) mapped_ = std::make_shared<MappedFile>(file_);
}

const zip::Member* Archive::find(const std::string& name) const {
  const auto found = members_.find(folder_ + name);
  return found == members_.end() ? nullptr : &found->second;
}

void Archive::read(const zip::Member& member, void* bytes) const {
  if (member.size == 0) return;
  file_.read_at(member.begin, bytes, member.size);
  // torch.save can be told to leave checksums out.
  if (member.crc != 0 && crc32(bytes, member.size) != member.crc)
    fail("the member ", in_quotes(member.name), ", ", member.size, " bytes from byte ",
         member.begin, " on, does not have its checksum; the file is damaged");
}

std::string Archive::pickle() const {
  const zip::Member& member = *find("data.pkl");
  if (member.size > kMaxPickleBytes)
    fail("its data.pkl takes ", member.size, " bytes, beyond ", kMaxPickleBytes);
  std::string bytes(member.size, '\0');
  read(member, bytes.data());
  return bytes;
}

std::shared_ptr<Storage> Archive::storage(std::string_view key) const {
  const zip::Member* const member = find("data/" + std::string(key));
  if (member == nullptr) fail("there is no member data/", printable(key));
  if (mapped_ && member->size > 0 && member->begin % kAlignment == 0)
    return Storage::borrow(mapped_->data() + member->begin, member->size, Device(),
                           [held = mapped_] {});
  auto storage = Storage::allocate(member->size, Device());
  read(*member, storage->data());
  return storage;
}

}  // namespace cuttle::torch_file
