// Files written beside and renamed; checksums of known texts.
#include <cuttle/io/files/atomic_file.h>
#include <cuttle/io/files/checksum.h>
#include <cuttle/io/files/crc32.h>

#include "scratch.h"

namespace cuttle {
namespace {

using testing::read_file;
using testing::write_file;

class FilesTest : public testing::ScratchTest {};

TEST_F(FilesTest, AppearsWholeAtCommit) {
  write_file(path("a"), "old");
  {
    AtomicFile file(path("a"));
    file.write("new contents");
    EXPECT_EQ(read_file(path("a")), "old");
    file.commit();
  }
  EXPECT_EQ(read_file(path("a")), "new contents");
  EXPECT_EQ(names().size(), 1u);
}

TEST_F(FilesTest, LeavesNothingWithoutCommit) {
  { AtomicFile(path("a")).write("half"); }
  EXPECT_TRUE(names().empty());
}

TEST_F(FilesTest, RestartForgetsWhatWasWritten) {
  AtomicFile file(path("a"));
  file.write("a long first attempt");
  file.restart();
  file.write("second");
  file.commit();
  EXPECT_EQ(read_file(path("a")), "second");
}

TEST_F(FilesTest, SideNamesDiffer) {
  EXPECT_NE(side_path("model"), side_path("model"));
  EXPECT_EQ(side_path("folder/model").parent_path(), "folder");
}

TEST_F(FilesTest, NamesWhatIsWrongWithThePlace) {
  EXPECT_ERROR(AtomicFile(path("absent/a")), "there is no folder " + path("absent").string());
  EXPECT_ERROR(AtomicFile(path(".")), "it is a folder");
  EXPECT_ERROR(File::open_for_reading(path("absent")), "No such file");
  EXPECT_ERROR(File::open_for_reading(path(".")), "it is a folder");
  write_file(path("short"), "1234");
  const File file = File::open_for_reading(path("short"));
  std::string five(5, ' ');
  EXPECT_ERROR(file.read_at(0, five.data(), 5), "cut short: it ends at byte 4");
  EXPECT_ERROR(File::create(path("short")), "File exists");
}

// RFC 1321, FIPS 180-2.
TEST_F(FilesTest, Checksums) {
  write_file(path("abc"), "abc");
  EXPECT_EQ(file_checksum(path("abc"), ChecksumKind::md5), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(file_checksum(path("abc"), ChecksumKind::sha256),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Checksum pieces(ChecksumKind::md5);
  pieces.update("a", 1);
  pieces.update("bc", 2);
  EXPECT_EQ(pieces.finish(), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(Checksum(ChecksumKind::md5).finish(), "d41d8cd98f00b204e9800998ecf8427e");
}

// RFC 3720, appendix B.4.
TEST_F(FilesTest, Crc32c) {
  EXPECT_EQ(crc32("123456789", 9), 0xCBF43926u);
  EXPECT_EQ(crc32c("123456789", 9), 0xE3069283u);
  EXPECT_EQ(crc32c("", 0), 0u);
  const std::string zeros(32, '\0'), ones(32, '\xff');
  EXPECT_EQ(crc32c(zeros.data(), 32), 0x8A9136AAu);
  EXPECT_EQ(crc32c(ones.data(), 32), 0x62A8AB43u);
  EXPECT_EQ(masked_crc32c("123456789", 9),
            ((0xE3069283u >> 15) | (0xE3069283u << 17)) + 0xA282EAD8u);
}

}  // namespace
}  // namespace cuttle
