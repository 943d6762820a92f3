// Zip files. The first byte is left out; of an input whose first one is '1' the directory is put
// right (zip_records.h), '2' has what is accepted written with 64-bit fields. Members lie within
// the file, apart from each other, under names of their own, and are read again as they were
// written.
#include <cuttle/io/zip/zip_reader.h>
#include <cuttle/io/zip/zip_writer.h>

#include <map>
#include <set>

#include "scratch.h"
#include "zip_records.h"

namespace {

using namespace cuttle;

std::map<std::string, std::string> contents(const std::string& bytes,
                                            const std::vector<zip::Member>& members) {
  std::map<std::string, std::string> all;
  for (const zip::Member& member : members) {
    fuzz::require(member.begin <= bytes.size() && member.size <= bytes.size() - member.begin,
                  "a member is within the file");
    fuzz::require(all.emplace(member.name, bytes.substr(member.begin, member.size)).second,
                  "its name is its own");
  }
  return all;
}

void expect_apart(const std::vector<zip::Member>& members) {
  std::set<uint64_t> used;
  for (const zip::Member& member : members)
    for (uint64_t at = member.begin; at < member.begin + member.size; ++at)
      fuzz::require(used.insert(at).second, "members lie apart");
}

std::string written(const std::map<std::string, std::string>& members, uint64_t largest) {
  static const fuzz::Scratch scratch;
  const std::filesystem::path path = scratch.path / "again.zip";
  AtomicFile file(path);
  zip::Writer zip(file, largest);
  for (const auto& [name, bytes] : members) zip.add(name, bytes);
  zip.finish();
  file.commit();
  const File done = File::open_for_reading(path);
  std::string bytes(done.size(), '\0');
  done.read_at(0, bytes.data(), bytes.size());
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static fuzz::InputFile input, output;
  if (size == 0) return 0;
  std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == '1') bytes = fuzz::with_places(bytes);
  const auto members_of = [](fuzz::InputFile& file, const std::string& all) {
    return zip::read_members(File::open_for_reading(file.write(all.data(), all.size())));
  };
  std::map<std::string, std::string> members;
  const bool is_zip = fuzz::accepted([&] {
    const std::vector<zip::Member> found = members_of(input, bytes);
    members = contents(bytes, found);
    expect_apart(found);
  });
  if (!is_zip) return 0;
  const std::string again = written(members, data[0] == '2' ? 2 : zip::kIn64);
  const bool read = fuzz::accepted([&] {
    fuzz::require(contents(again, members_of(output, again)) == members, "the members stay");
  });
  fuzz::require(read, "what was written is read");
  return 0;
}
