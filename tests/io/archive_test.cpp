// Unpacking archives, good ones and hostile ones, which libarchive's own writer makes.
#include <cuttle/io/archive.h>

#if CUTTLE_WITH_ARCHIVE
#include <archive.h>
#include <archive_entry.h>

#include "scratch.h"

namespace cuttle {
namespace {

using testing::read_file;
using testing::write_file;

struct Member {
  std::string name;
  std::string contents = {};
  unsigned type = AE_IFREG;
  std::string link = {};
};

void write_tar_gz(const std::filesystem::path& path, const std::vector<Member>& members) {
  ::archive* writer = archive_write_new();
  archive_write_add_filter_gzip(writer);
  archive_write_set_format_pax_restricted(writer);
  ASSERT_EQ(archive_write_open_filename(writer, path.c_str()), ARCHIVE_OK);
  for (const Member& member : members) {
    ::archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, member.name.c_str());
    archive_entry_set_filetype(entry, member.type);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<int64_t>(member.contents.size()));
    if (member.type == AE_IFLNK) archive_entry_set_symlink(entry, member.link.c_str());
    if (member.type == AE_IFREG && !member.link.empty()) {
      archive_entry_set_hardlink(entry, member.link.c_str());
    }
    ASSERT_EQ(archive_write_header(writer, entry), ARCHIVE_OK);
    archive_write_data(writer, member.contents.data(), member.contents.size());
    archive_entry_free(entry);
  }
  ASSERT_EQ(archive_write_close(writer), ARCHIVE_OK);
  archive_write_free(writer);
}

class ArchiveTest : public testing::ScratchTest {
 protected:
  /// Expects an Error, and a folder as it was: with its one file.
  void expect_fault(const std::vector<Member>& members, const std::string& part) {
    write_tar_gz(path("a.tar.gz"), members);
    expect_fault(part);
  }
  void expect_fault(const std::string& part) {
    std::filesystem::create_directories(path("into"));
    write_file(path("into/there"), "before");
    EXPECT_ERROR(extract_tar_gz(path("a.tar.gz"), path("into")), part);
    size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(path("into"))) {
      ++count;
    }
    EXPECT_EQ(count, 1u);
    EXPECT_EQ(read_file(path("into/there")), "before");
    EXPECT_EQ(names().size(), 2u);  // the archive and the folder: nothing led out of it
  }
};

TEST_F(ArchiveTest, Unpacks) {
  const std::string large(1'000'003, 'x');
  write_tar_gz(
      path("a.tar.gz"),
      {{"set/", "", AE_IFDIR}, {"set/one.bin", "1"}, {"./set/deep/two.bin", large}, {"empty", ""}});
  extract_tar_gz(path("a.tar.gz"), path("into"));
  EXPECT_EQ(read_file(path("into/set/one.bin")), "1");
  EXPECT_EQ(read_file(path("into/set/deep/two.bin")), large);
  EXPECT_TRUE(std::filesystem::is_regular_file(path("into/empty")));
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(path("into"))) {
    ++count;
  }
  EXPECT_EQ(count, 2u);
}

TEST_F(ArchiveTest, ReplacesWhatBearsTheName) {
  std::filesystem::create_directories(path("into/set"));
  write_file(path("into/set/half"), "cut");
  write_file(path("into/other"), "stays");
  write_tar_gz(path("a.tar.gz"), {{"set/one", "1"}});
  extract_tar_gz(path("a.tar.gz"), path("into"));
  EXPECT_FALSE(std::filesystem::exists(path("into/set/half")));
  EXPECT_EQ(read_file(path("into/set/one")), "1");
  EXPECT_EQ(read_file(path("into/other")), "stays");
}

TEST_F(ArchiveTest, RefusesWhatLeadsOut) {
  expect_fault({{"good", "1"}, {"../evil", "2"}}, "leads out");
  expect_fault({{"good", "1"}, {"a/../../evil", "2"}}, "leads out");
  expect_fault({{path("evil").string(), "2"}}, "leads out");
  expect_fault({{"good", "1"}, {"link", "", AE_IFLNK, "/etc"}}, "neither a file nor a folder");
  expect_fault({{"good", "1"}, {"link", "", AE_IFREG, "good"}}, "is a link");
}

TEST_F(ArchiveTest, RefusesDamage) {
  std::string noise(200'000, '\0');  // does not compress, so that a cut hits the contents
  uint32_t state = 1;
  for (char& c : noise) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  write_tar_gz(path("a.tar.gz"), {{"good", "1"}, {"noise", noise}});
  const std::string whole = read_file(path("a.tar.gz"));
  write_file(path("a.tar.gz"), whole.substr(0, whole.size() / 2));
  expect_fault("damaged");
  write_file(path("a.tar.gz"), "this is no archive");
  expect_fault("damaged or no .tar.gz");
  write_file(path("a.tar.gz"), "");
  expect_fault("damaged or no .tar.gz");
  std::filesystem::remove(path("a.tar.gz"));
  EXPECT_ERROR(extract_tar_gz(path("a.tar.gz"), path("into")), "a.tar.gz");
}

}  // namespace
}  // namespace cuttle
#endif
