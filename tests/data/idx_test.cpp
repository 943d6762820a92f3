// The idx format: every type, and every way a file can be wrong.
#include "idx_files.h"

#include <cuttle/io/idx.h>

#include <bit>
#include <cstring>

#include "io/scratch.h"

namespace cuttle {
namespace {

using testing::idx;
using testing::write_file;

class IdxTest : public testing::ScratchTest {
 protected:
  IdxArray read(const std::string& contents) const {
    write_file(path("a"), contents);
    return read_idx(path("a"));
  }
  template <class T>
  static std::vector<T> values(const IdxArray& array) {
    std::vector<T> all(array.bytes.size() / sizeof(T));
    std::memcpy(all.data(), array.bytes.data(), array.bytes.size());
    return all;
  }
};

TEST_F(IdxTest, ReadsEveryType) {
  using std::string_literals::operator""s;
  const IdxArray bytes = read(idx(0x08, {2, 3}, "abcdef"));
  EXPECT_EQ(bytes.dtype, DType::uint8);
  EXPECT_EQ(bytes.shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(values<char>(bytes), (std::vector<char>{'a', 'b', 'c', 'd', 'e', 'f'}));
  const IdxArray int8s = read(idx(0x09, {1}, "\xFF"));
  EXPECT_EQ(int8s.dtype, DType::int8);
  EXPECT_EQ(values<int8_t>(int8s), std::vector<int8_t>{-1});
  const IdxArray int16s = read(idx(0x0B, {2}, "\x01\x02\xFF\xFE"));
  EXPECT_EQ(int16s.dtype, DType::int16);
  EXPECT_EQ(values<int16_t>(int16s), (std::vector<int16_t>{258, -2}));
  const IdxArray int32s = read(idx(0x0C, {1}, "\x01\x02\x03\x04"));
  EXPECT_EQ(int32s.dtype, DType::int32);
  EXPECT_EQ(values<int32_t>(int32s), std::vector<int32_t>{0x01020304});
  const IdxArray floats = read(idx(0x0D, {1}, "\x3F\xC0\0\0"s));
  EXPECT_EQ(floats.dtype, DType::float32);
  EXPECT_EQ(values<float>(floats), std::vector<float>{1.5f});
  const IdxArray doubles = read(idx(0x0E, {1}, "\xC0\0\0\0\0\0\0\0"s));
  EXPECT_EQ(doubles.dtype, DType::float64);
  EXPECT_EQ(values<double>(doubles), std::vector<double>{-2.0});
}

TEST_F(IdxTest, ReadsWhatHasNoElementsOrNoDimensions) {
  EXPECT_EQ(read(idx(0x08, {}, "x")).bytes.size(), 1u);
  EXPECT_TRUE(read(idx(0x08, {0, 0xFFFFFFFF, 0xFFFFFFFF}, "")).bytes.empty());
  EXPECT_TRUE(read(idx(0x08, {0xFFFFFFFF, 0}, "")).bytes.empty());
}

TEST_F(IdxTest, SaysWhatIsWrongAndWhere) {
  const std::string whole = idx(0x0B, {2, 3}, "abcdefghijkl");
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_ERROR(read(whole.substr(0, size)),
                 "a: it is cut short at byte " + std::to_string(size) + ", ");
  }
  EXPECT_ERROR(read(whole + "x"), "it goes on at byte 24, where it should end");
  EXPECT_ERROR(read("no idx file"), "it is no idx file: it does not begin with two zeros");
  EXPECT_ERROR(read(idx(0x0A, {1}, "x")), "at byte 2 it has type 10, which none is");
  EXPECT_ERROR(read(idx(0x08, {0x40000000, 2}, "x")), "claim more than 1 GiB");
  EXPECT_ERROR(read(idx(0x0E, std::vector<uint32_t>(255, 0xFFFFFFFF), "x")), "more than 1 GiB");
  EXPECT_ERROR(read(idx(0x08, {0x40000000}, "x")), "cut short at byte 9");
  EXPECT_ERROR(read_idx(path("absent")), "No such file");
}

#if CUTTLE_WITH_ARCHIVE
TEST_F(IdxTest, ReadsGzippedFiles) {
  const std::string elements(3'000'000, 'x');
  testing::write_gzip(path("a.gz"), idx(0x08, {3, 1'000'000}, elements));
  const IdxArray array = read_idx(path("a.gz"));
  EXPECT_EQ(std::string(array.bytes.begin(), array.bytes.end()), elements);
  const std::string whole = testing::read_file(path("a.gz"));
  write_file(path("a.gz"), whole.substr(0, whole.size() - 1));
  EXPECT_ERROR(read_idx(path("a.gz")), "cut short at byte " + std::to_string(whole.size() - 1));
  std::string damaged = whole;
  damaged[whole.size() - 8] ^= 1;
  write_file(path("a.gz"), damaged);
  EXPECT_ERROR(read_idx(path("a.gz")), "incorrect data check");
  testing::write_gzip(path("a.gz"), idx(0x08, {2}, "x"));
  EXPECT_ERROR(read_idx(path("a.gz")), "it is cut short at byte 9, 1 more were expected");
  testing::write_gzip(path("a.gz"), idx(0x08, {2}, "xyz"));
  EXPECT_ERROR(read_idx(path("a.gz")), "it goes on at byte 10");
}
#endif

}  // namespace
}  // namespace cuttle
