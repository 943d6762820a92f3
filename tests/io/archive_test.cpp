// Unpacking archives, good ones and hostile ones, which libarchive's own writer makes.
#include <cuttle/io/archives/archive.h>

#if CUTTLE_WITH_ARCHIVE
#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

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
  int64_t hole = 0;  // bytes before the contents
};

// Other bytes as a .gz, by the same library.
void write_gz(const std::filesystem::path& path, const std::string& contents) {
  ::archive* writer = archive_write_new();
  archive_write_add_filter_gzip(writer);
  archive_write_set_format_raw(writer);
  ASSERT_EQ(archive_write_open_filename(writer, path.c_str()), ARCHIVE_OK);
  ::archive_entry* entry = archive_entry_new();
  archive_entry_set_pathname(entry, "data");
  archive_entry_set_filetype(entry, AE_IFREG);
  ASSERT_EQ(archive_write_header(writer, entry), ARCHIVE_OK);
  archive_write_data(writer, contents.data(), contents.size());
  archive_entry_free(entry);
  ASSERT_EQ(archive_write_close(writer), ARCHIVE_OK);
  archive_write_free(writer);
}

// `level`: how hard gzip tries; 0 leaves the contents as they are.
void write_tar_gz(const std::filesystem::path& path, const std::vector<Member>& members,
                  const char* level = "6") {
  ::archive* writer = archive_write_new();
  archive_write_add_filter_gzip(writer);
  archive_write_set_filter_option(writer, "gzip", "compression-level", level);
  archive_write_set_format_pax_restricted(writer);
  ASSERT_EQ(archive_write_open_filename(writer, path.c_str()), ARCHIVE_OK);
  for (const Member& member : members) {
    ::archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, member.name.c_str());
    archive_entry_set_filetype(entry, member.type);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<int64_t>(member.contents.size()));
    if (member.hole > 0) {
      archive_entry_set_size(entry, member.hole + static_cast<int64_t>(member.contents.size()));
      archive_entry_sparse_add_entry(entry, member.hole, member.contents.size());
    }
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
  std::filesystem::create_directories(path("into/two"));
  write_file(path("into/set"), "a file where a folder belongs");
  write_file(path("into/other"), "stays");
  write_tar_gz(path("a.tar.gz"), {{"set/one", "1"}, {"two", "2"}});
  extract_tar_gz(path("a.tar.gz"), path("into"));
  EXPECT_EQ(read_file(path("into/two")), "2");
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

TEST_F(ArchiveTest, RefusesContentsThatAreNotThoseOfTheChecksum) {
  write_tar_gz(path("a.tar.gz"), {{"set/one", "the contents"}}, "0");
  const std::string whole = read_file(path("a.tar.gz"));
  std::string changed = whole;
  changed[whole.find("the contents")] = 'T';  // a tar as good as before
  write_file(path("a.tar.gz"), changed);
  expect_fault("incorrect data check");
  for (const size_t from_end : {8, 5, 4, 1}) {  // the checksum's four bytes, the length's four
    changed = whole;
    changed[whole.size() - from_end] ^= 1;
    write_file(path("a.tar.gz"), changed);
    expect_fault(from_end > 4 ? "incorrect data check" : "incorrect length check");
  }
}

TEST_F(ArchiveTest, RefusesWhatIsCutAnywhere) {
  write_tar_gz(path("a.tar.gz"), {{"set/one", "1"}, {"set/two", "2"}});
  const std::string whole = read_file(path("a.tar.gz"));
  for (size_t size = 0; size < whole.size(); ++size) {
    write_file(path("a.tar.gz"), whole.substr(0, size));
    expect_fault("it is cut short at byte " + std::to_string(size));
  }
}

TEST_F(ArchiveTest, RefusesWhatFollowsTheEnd) {
  write_tar_gz(path("a.tar.gz"), {{"set/one", "1"}});
  const std::string whole = read_file(path("a.tar.gz"));
  write_file(path("a.tar.gz"), whole + "x");
  expect_fault("follows its end");
  write_file(path("a.tar.gz"), whole + std::string(100'000, '\0') + "x");
  expect_fault("follows its end");
  write_file(path("a.tar.gz"), whole + whole);  // a second tar, in a member of its own
  expect_fault("something follows the end of the tar");
  write_file(path("a.tar.gz"), whole + std::string(100'000, '\0'));  // as tapes fill a block up
  extract_tar_gz(path("a.tar.gz"), path("into"));
  EXPECT_EQ(read_file(path("into/set/one")), "1");
}

// The same tar, cut and put together again below gzip.
TEST_F(ArchiveTest, ReadsMembersInARowAndRefusesATarWithoutItsEnd) {
  write_tar_gz(path("a.tar.gz"), {{"set/one", std::string(600, '1')}}, "0");
  const std::string stored = read_file(path("a.tar.gz"));
  const std::string tar = stored.substr(stored.find("set/one"), 3 * 512) + std::string(1024, '\0');
  for (const size_t cut : {0, 1, 511, 512, 1000, 1536, 2559, 2560}) {
    write_gz(path("first.gz"), tar.substr(0, cut));
    write_gz(path("second.gz"), tar.substr(cut));
    write_file(path("a.tar.gz"), read_file(path("first.gz")) + read_file(path("second.gz")));
    extract_tar_gz(path("a.tar.gz"), path("into"));
    EXPECT_EQ(read_file(path("into/set/one")), std::string(600, '1')) << cut;
    std::filesystem::remove_all(path("into"));
  }
  std::filesystem::remove(path("first.gz"));
  std::filesystem::remove(path("second.gz"));
  for (const size_t size : {0, 1, 511, 512, 1535, 1536, 1537, 2047}) {
    write_gz(path("a.tar.gz"), tar.substr(0, size));
    expect_fault("damaged or no .tar.gz");
  }
  write_gz(path("a.tar.gz"), tar + "x");
  expect_fault("something follows the end of the tar");
}

TEST_F(ArchiveTest, RefusesHoles) {
  expect_fault({{.name = "large", .contents = "1", .hole = int64_t{1} << 40}}, "has holes");
}

TEST_F(ArchiveTest, LeavesOtherFilesOfAFolderAlone) {
  std::filesystem::create_directories(path("into/set/deep"));
  write_file(path("into/set/mine"), "precious");
  write_file(path("into/set/deep/mine"), "precious");
  write_file(path("into/set/one"), "old");
  write_tar_gz(path("a.tar.gz"), {{"set/one", "new"}, {"set/deep/two", "new"}});
  extract_tar_gz(path("a.tar.gz"), path("into"));
  EXPECT_EQ(read_file(path("into/set/mine")), "precious");
  EXPECT_EQ(read_file(path("into/set/deep/mine")), "precious");
  EXPECT_EQ(read_file(path("into/set/one")), "new");
  EXPECT_EQ(read_file(path("into/set/deep/two")), "new");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path("into")), {}), 1);
}

TEST_F(ArchiveTest, RemovesTheFoldersItMade) {
  write_file(path("a.tar.gz"), "this is no archive");
  EXPECT_ERROR(extract_tar_gz(path("a.tar.gz"), path("new/deep/er")), "damaged");
  EXPECT_EQ(names(), std::vector<std::string>{"a.tar.gz"});
}

TEST_F(ArchiveTest, PutsBackWhatItMovedBeforeAFault) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make a folder that others may not change";
  write_tar_gz(path("a.tar.gz"), {{"a", "new"}, {"b", "new"}, {"c", "new"}});
  std::filesystem::create_directories(path("into"));
  ASSERT_EQ(::chmod(path("").c_str(), 0755), 0);
  ASSERT_EQ(::chmod(path("into").c_str(), 01777), 0);  // anyone adds, nobody replaces another's
  for (const char* name : {"into/a", "into/c"}) write_file(path(name), "old");
  ASSERT_EQ(::chown(path("into/a").c_str(), 65534, 65534), 0);
  ASSERT_EQ(::seteuid(65534), 0);
  const std::string sentence =
      testing::error_of([&] { extract_tar_gz(path("a.tar.gz"), path("into")); });
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_NE(sentence.find("not permitted"), std::string::npos) << sentence;
  EXPECT_EQ(read_file(path("into/a")), "old");
  EXPECT_EQ(read_file(path("into/c")), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path("into")), {}), 2);
}

TEST_F(ArchiveTest, ShowsNamesCutAndEscaped) {
  expect_fault({{"../" + std::string(5000, 'x'), "1"}}, "xxx…\" (5003 bytes) leads out");
  expect_fault({{"../a\nb\x1b", "1"}}, "\"../a\\x0ab\\x1b\" leads out");
  expect_fault({{std::string(5000, 'x'), "1"}}, "xxx…\" (5000 bytes) has a name too long");
}

}  // namespace
}  // namespace cuttle
#endif
