// What saving over a file keeps: its mode, its owner, and the links that lead to it.
#include <cuttle/core/warning.h>
#include <cuttle/io/files/atomic_file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"

namespace cuttle {
namespace {

namespace fs = std::filesystem;
using testing::read_file;
using testing::write_file;

void save_over(const fs::path& path, const std::string& contents = "new") {
  AtomicFile file(path);
  file.write(contents);
  file.commit();
}

struct stat status_of(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status;
}

mode_t mode_of(const fs::path& path) {
  return status_of(path).st_mode & 07777;
}

class AtomicFileTest : public testing::ScratchTest {};

TEST_F(AtomicFileTest, KeepsTheMode) {
  for (const mode_t mode : {0600, 0640, 0444, 0777, 02755}) {
    write_file(path("a"), "old");
    ASSERT_EQ(::chmod(path("a").c_str(), mode), 0);
    save_over(path("a"));
    EXPECT_EQ(read_file(path("a")), "new");
    EXPECT_EQ(mode_of(path("a")), mode);
    fs::remove(path("a"));
  }
}

TEST_F(AtomicFileTest, ANewFileGetsTheModeOfTheUmask) {
  const mode_t before = ::umask(027);
  save_over(path("a"));
  ::umask(before);
  EXPECT_EQ(mode_of(path("a")), mode_t{0640});
}

TEST_F(AtomicFileTest, WhatIsPrivateIsPrivateWhileItIsWritten) {
  write_file(path("a"), "old");
  ASSERT_EQ(::chmod(path("a").c_str(), 0600), 0);
  AtomicFile file(path("a"));
  file.write("half");
  for (const std::string& name : names()) EXPECT_EQ(mode_of(path(name)), mode_t{0600}) << name;
  EXPECT_EQ(names().size(), 2u);
}

TEST_F(AtomicFileTest, KeepsTheOwner) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  write_file(path("a"), "old");
  ASSERT_EQ(::chown(path("a").c_str(), 1234, 4321), 0);
  ASSERT_EQ(::chmod(path("a").c_str(), 04711), 0);
  save_over(path("a"));
  EXPECT_EQ(read_file(path("a")), "new");
  EXPECT_EQ(status_of(path("a")).st_uid, uid_t{1234});
  EXPECT_EQ(status_of(path("a")).st_gid, gid_t{4321});
  EXPECT_EQ(mode_of(path("a")), mode_t{04711});  // giving a file away clears the first digit
}

TEST_F(AtomicFileTest, WhereTheOwnerCannotBeKeptTheFileIsPrivate) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  ASSERT_EQ(::chmod(path("").c_str(), 0777), 0);
  write_file(path("a"), "old");
  ASSERT_EQ(::chown(path("a").c_str(), 1234, 4321), 0);
  ASSERT_EQ(::seteuid(65534), 0);
  std::string heard;
  set_warning_handler([&](const std::string& sentence) { heard = sentence; });
  save_over(path("a"));
  set_warning_handler({});
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_NE(heard.find("belonged to user 1234 and group 4321"), std::string::npos) << heard;
  EXPECT_EQ(read_file(path("a")), "new");
  EXPECT_EQ(mode_of(path("a")), mode_t{0600});
  EXPECT_EQ(names().size(), 1u);
}

TEST_F(AtomicFileTest, FollowsLinks) {
  fs::create_directories(path("deep/er"));
  write_file(path("deep/er/target"), "old");
  fs::create_symlink("target", path("deep/er/second"));      // beside it
  fs::create_symlink("deep/er/second", path("first"));       // relative to the link
  fs::create_symlink(path("first"), path("deep/absolute"));  // absolute
  save_over(path("deep/absolute"));
  EXPECT_EQ(read_file(path("deep/er/target")), "new");
  EXPECT_FALSE(fs::is_symlink(path("deep/er/target")));
  for (const char* link : {"deep/er/second", "first", "deep/absolute"}) {
    EXPECT_TRUE(fs::is_symlink(path(link))) << link;
    EXPECT_EQ(read_file(path(link)), "new");
  }
  EXPECT_EQ(names().size(), 2u);
}

TEST_F(AtomicFileTest, WritesBesideTheTarget) {
  fs::create_directories(path("folder"));
  fs::create_symlink("folder/target", path("link"));
  AtomicFile file(path("link"));
  EXPECT_EQ(names().size(), 2u);  // nothing is written beside the link
  EXPECT_EQ(std::distance(fs::directory_iterator(path("folder")), {}), 1);
}

TEST_F(AtomicFileTest, ALinkToNothingMakesItsTarget) {
  fs::create_directories(path("folder"));
  fs::create_symlink("second", path("folder/first"));
  fs::create_symlink("folder/first", path("link"));
  save_over(path("link"));
  EXPECT_EQ(read_file(path("folder/second")), "new");
  EXPECT_TRUE(fs::is_symlink(path("link")) && fs::is_symlink(path("folder/first")));
  EXPECT_EQ(read_file(path("link")), "new");
}

TEST_F(AtomicFileTest, RefusesLinksThatLeadNowhere) {
  fs::create_symlink("absent/target", path("lost"));
  EXPECT_ERROR(AtomicFile(path("lost")), "there is no folder " + path("absent").string());
  EXPECT_ERROR(AtomicFile(path("lost")), path("lost").string());
  fs::create_symlink("b", path("a"));
  fs::create_symlink("a", path("b"));
  EXPECT_ERROR(AtomicFile(path("a")), "its links lead in a circle");
  fs::create_symlink(".", path("folder"));
  EXPECT_ERROR(AtomicFile(path("folder")), "it is a folder");
  EXPECT_EQ(names().size(), 4u);
}

// Another's link in a folder that is open to all: whoever follows it writes where the other wants.
TEST_F(AtomicFileTest, FollowsNoLinkThatTheSystemDoesNotFollow) {
  if (::geteuid() != 0 || read_file("/proc/sys/fs/protected_symlinks") != "1\n") {
    GTEST_SKIP() << "this system follows all links, or does not let us give one away";
  }
  fs::create_directories(path("open"));
  write_file(path("target"), "old");
  fs::create_symlink(path("target"), path("open/link"));
  ASSERT_EQ(::lchown(path("open/link").c_str(), 1234, 1234), 0);
  ASSERT_EQ(::chmod(path("open").c_str(), 01777), 0);
  EXPECT_ERROR(AtomicFile(path("open/link")), "Permission denied");
  EXPECT_EQ(read_file(path("target")), "old");
}

TEST_F(AtomicFileTest, RefusesWhatIsNoFile) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_ERROR(AtomicFile(path("pipe")), "it is not a regular file");
  fs::create_symlink("pipe", path("link"));
  EXPECT_ERROR(AtomicFile(path("link")), "it is not a regular file");
  write_file(path("file"), "");
  EXPECT_ERROR(AtomicFile(path("file/a")), "there is no folder");
  EXPECT_EQ(names().size(), 3u);
}

}  // namespace
}  // namespace cuttle
