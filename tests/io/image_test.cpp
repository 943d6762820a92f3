// Images written and read back; a PNG's own bytes; what cannot be read or written.
#include <cuttle/core/creation.h>
#include <cuttle/io/image.h>

#include <cstdlib>

#include "scratch.h"
#include "support/png.h"

namespace cuttle {
namespace {

class ImageTest : public testing::ScratchTest {};

// uint8 (H, W, C) with a pattern that differs along every dimension.
Tensor pattern(int64_t height, int64_t width, int64_t channels) {
  std::vector<uint8_t> values;
  for (int64_t i = 0; i < height * width * channels; ++i) {
    values.push_back(static_cast<uint8_t>(i * 37 % 251));
  }
  return tensor(values, {height, width, channels});
}

TEST_F(ImageTest, PngKeepsEveryByte) {
  for (const int64_t size : {1, 31, 33}) {
    for (const int channels : {1, 3, 4}) {
      const Tensor image = pattern(size, size + 2, channels);
      write_image(image, path("a.png"));
      const Tensor read = read_image(path("a.png"), 0);
      EXPECT_EQ(read.shape(), image.shape());
      EXPECT_EQ(read.to_vector<uint8_t>(), image.to_vector<uint8_t>());
    }
  }
}

TEST_F(ImageTest, ConvertsChannels) {
  write_image(tensor<uint8_t>({10, 200}).reshape({1, 2}), path("grey.png"));
  const Tensor colour = read_image(path("grey.png"));
  EXPECT_EQ(colour.shape(), Shape({1, 2, 3}));
  EXPECT_EQ(colour.to_vector<uint8_t>(), (std::vector<uint8_t>{10, 10, 10, 200, 200, 200}));
}

TEST_F(ImageTest, WritesStridedImages) {
  const Tensor image = pattern(5, 4, 3);
  write_image(image.transpose(0, 1), path("a.png"));
  const Tensor read = read_image(path("a.png"));
  EXPECT_EQ(read.shape(), Shape({4, 5, 3}));
  EXPECT_EQ(read.to_vector<uint8_t>(), image.transpose(0, 1).to_vector<uint8_t>());
}

TEST_F(ImageTest, JpegIsNear) {
  std::vector<uint8_t> smooth;
  for (int i = 0; i < 32 * 32 * 3; ++i) smooth.push_back(static_cast<uint8_t>(i / 3 / 32 * 7));
  write_image(tensor(smooth, {32, 32, 3}), path("a.jpg"), 95);
  const auto read = read_image(path("a.jpg")).to_vector<uint8_t>();
  ASSERT_EQ(read.size(), smooth.size());
  for (size_t i = 0; i < read.size(); ++i) EXPECT_NEAR(int{read[i]}, int{smooth[i]}, 8) << i;
}

// A 1 × 1 red pixel, its bytes from the PNG specification: chunks IHDR, IDAT (stored), IEND.
const unsigned char kRedPixel[] = {
    0x89, 'P',  'N',  'G', '\r', '\n', 0x1A, '\n', 0,    0,    0,    13,   'I',  'H', 'D',
    'R',  0,    0,    0,   1,    0,    0,    0,    1,    8,    2,    0,    0,    0,   0x90,
    0x77, 0x53, 0xDE, 0,   0,    0,    15,   'I',  'D',  'A',  'T',  0x78, 0x01, 1,   4,
    0,    0xFB, 0xFF, 0,   255,  0,    0,    3,    1,    1,    0,    0,    0,    0,   0,
    0,    0,    0,    0,   'I',  'E',  'N',  'D',  0xAE, 0x42, 0x60, 0x82};

std::string red_pixel() {
  return test::with_checksums({reinterpret_cast<const char*>(kRedPixel), sizeof(kRedPixel)});
}

TEST_F(ImageTest, ReadsAHandMadePng) {
  testing::write_file(path("a.png"), red_pixel());
  EXPECT_EQ(read_image(path("a.png")).to_vector<uint8_t>(), (std::vector<uint8_t>{255, 0, 0}));
}

TEST_F(ImageTest, BelievesNoFileThatClaimsTooMuch) {
  std::string bytes = red_pixel();
  for (const size_t high_byte_of_size : {18, 22}) bytes[high_byte_of_size] = 0x40;  // 16385 pixels
  bytes = test::with_checksums(bytes);
  testing::write_file(path("a.png"), bytes);
  EXPECT_ERROR(read_image(path("a.png")),
               "a.png: it claims 16385 x 16385 pixels, which its 72 bytes cannot hold");
  testing::write_file(path("a.png"), bytes + std::string(1'000'000, 'x'));
  EXPECT_ERROR(read_image(path("a.png"), 4), "its 16385 x 16385 pixels take more than 1 GiB");

  write_image(zeros({512, 512, 3}, {.dtype = uint8}), path("a.jpg"));
  const std::string jpeg = testing::read_file(path("a.jpg"));
  const size_t end = jpeg.size() - 2;
  std::string scans;
  for (int i = 0; i < 9999; ++i) scans += std::string("\xFF\xDA\0\2", 4);
  testing::write_file(path("a.jpg"), jpeg.substr(0, end) + scans + jpeg.substr(end));
  EXPECT_ERROR(read_image(path("a.jpg")), "it claims 512 x 512 pixels in 10000 scans");
  testing::write_file(path("a.jpg"), jpeg + scans);  // behind the end nothing matters
  EXPECT_EQ(read_image(path("a.jpg")).shape(), Shape({512, 512, 3}));
}

TEST_F(ImageTest, RefusesAHuffmanTableOfTooManyCodes) {
  write_image(pattern(8, 8, 3), path("a.jpg"));
  std::string jpeg = testing::read_file(path("a.jpg"));
  const size_t tables = jpeg.find("\xFF\xC4");
  ASSERT_NE(tables, std::string::npos);
  jpeg[tables + 5 + 15] = '\xF5';  // codes of 16 bits: 12 are there already
  testing::write_file(path("a.jpg"), jpeg);
  EXPECT_ERROR(read_image(path("a.jpg")), "a.jpg: it has a Huffman table of 257 codes");
}

TEST_F(ImageTest, RefusesAPartLongerThanTheFile) {
  std::string bytes = red_pixel();
  const size_t data = bytes.find("IDAT");
  bytes.replace(data - 4, 4, "\x7f\xff\xff\xff");
  testing::write_file(path("a.png"), bytes);
  EXPECT_ERROR(read_image(path("a.png")),
               "a.png: it has a part of 2147483647 bytes at byte 33, of which 31");
}

TEST_F(ImageTest, RefusesAPngWithAnyBitTurned) {
  write_image(pattern(3, 2, 3), path("a.png"));
  const std::string png = testing::read_file(path("a.png"));
  for (size_t i = 0; i < png.size(); ++i) {
    std::string damaged = png;
    damaged[i] = static_cast<char>(damaged[i] ^ 1 << i % 8);
    testing::write_file(path("b.png"), damaged);
    EXPECT_THROW(read_image(path("b.png")), Error) << "byte " << i;
  }
  std::string damaged = png;
  damaged[png.find("IDAT") + 9] ^= 4;
  testing::write_file(path("b.png"), damaged);
  EXPECT_ERROR(read_image(path("b.png")),
               "b.png: the checksum of its part \"IDAT\" at byte 33 is wrong");
}

// Where the next functions that are called have their variables.
[[gnu::noinline]] void leave_on_stack(unsigned char value) {
  volatile unsigned char stack[100'000];
  for (volatile unsigned char& byte : stack) byte = value;
}

TEST_F(ImageTest, ColoursThatAPaletteLacksAreBlack) {
  using std::string_literals::operator""s;
  const std::string header = "\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\0\2\0\0\0\1\x08\x03\0\0\0crc_"s;
  const std::string palette = "\0\0\0\x06PLTE\1\2\3\4\5\6crc_"s;
  const std::string alpha =
      "\0\0\0\1tRNS\x7F"
      "crc_"s;
  const std::string data =  // colours 1 and 200
      "\0\0\0\x0EIDAT\x78\x01\1\3\0\xFC\xFF\0\1\xC8"
      "sum_crc_"s;
  const std::string end = "\0\0\0\0IENDcrc_"s;
  leave_on_stack(0x77);
  testing::write_file(path("a.png"), test::with_checksums(header + palette + data + end));
  EXPECT_EQ(read_image(path("a.png")).to_vector<uint8_t>(),
            (std::vector<uint8_t>{4, 5, 6, 0, 0, 0}));
  testing::write_file(path("a.png"), test::with_checksums(header + palette + alpha + data + end));
  EXPECT_EQ(read_image(path("a.png"), 0).to_vector<uint8_t>(),
            (std::vector<uint8_t>{4, 5, 6, 255, 0, 0, 0, 255}));
}

TEST_F(ImageTest, RefusesAPngWhosePartsThatMayBePassedOverAreDamaged) {
  using std::string_literals::operator""s;
  std::string bytes = red_pixel();
  bytes.insert(33, "\0\0\0\1tEXtxcrc_"s);
  testing::write_file(path("a.png"), test::with_checksums(bytes));
  EXPECT_EQ(read_image(path("a.png")).to_vector<uint8_t>(), (std::vector<uint8_t>{255, 0, 0}));
  bytes = test::with_checksums(bytes);
  bytes[41] = 'y';
  testing::write_file(path("a.png"), bytes);
  EXPECT_ERROR(read_image(path("a.png")), "its part \"tEXt\" at byte 33 is wrong; it is damaged");
}

// A PNG and a JPEG without their ends, from nothing to all but the last byte.
TEST_F(ImageTest, RefusesPicturesThatEndEarly) {
  write_image(pattern(9, 11, 3), path("a.png"));
  write_image(pattern(24, 17, 3), path("a.jpg"));
  for (const char* name : {"a.png", "a.jpg"}) {
    const std::string whole = testing::read_file(path(name));
    for (size_t size = 0; size < whole.size(); size += size + 20 < whole.size() ? 7 : 1) {
      testing::write_file(path("cut"), whole.substr(0, size));
      EXPECT_THROW(read_image(path("cut")), Error) << name << " " << size;
    }
    EXPECT_ERROR(read_image(path("cut")), "it is cut short");
  }
}

// Two pixels of colours 1 and 200 of a palette of two, behind headers of 40 and of 12 bytes.
TEST_F(ImageTest, ReadsBmpsWithShortPalettes) {
  using std::string_literals::operator""s;
  const std::string header = "BM____\0\0\0\0"s;
  const std::string windows = header + "\x3E\0\0\0\x28\0\0\0\2\0\0\0\1\0\0\0\1\0\x08\0"s +
                              std::string(24, '\0') + "\1\2\3\0\4\5\6\0"s + "\1\xC8\0\0"s;
  const std::string os2 =
      header + "\x20\0\0\0\x0C\0\0\0\2\0\1\0\1\0\x08\0\1\2\3\4\5\6"s + "\1\xC8\0\0"s;
  for (const std::string& bmp : {windows, os2}) {
    leave_on_stack(0x77);
    testing::write_file(path("a.bmp"), bmp);
    EXPECT_EQ(read_image(path("a.bmp")).to_vector<uint8_t>(),
              (std::vector<uint8_t>{6, 5, 4, 0, 0, 0}));
    testing::write_file(path("a.bmp"), bmp.substr(0, bmp.size() - 3));
    EXPECT_THROW(read_image(path("a.bmp")), Error);
  }
  testing::write_file(path("a.bmp"), windows.substr(0, 61));
  EXPECT_ERROR(read_image(path("a.bmp")), "its pixels begin at byte 62 of 61; it is cut short");
}

TEST_F(ImageTest, ReadsPnmOfBytesAlone) {
  testing::write_file(path("a.ppm"), "P6 # a comment 15\n2 1\n255\nabcdef");
  EXPECT_EQ(read_image(path("a.ppm")).to_vector<uint8_t>(),
            (std::vector<uint8_t>{'a', 'b', 'c', 'd', 'e', 'f'}));
  testing::write_file(path("a.ppm"), "P5 0 1 255\n");
  EXPECT_ERROR(read_image(path("a.ppm")), "it claims 0 x 1 pixels; it is damaged");
  testing::write_file(path("a.ppm"), "P6 2 1 255\nabcde");
  EXPECT_ERROR(read_image(path("a.ppm")), "it ends at byte 16, before its picture does");
  testing::write_file(path("a.ppm"), "P5 2 1 65535\nabcd");
  EXPECT_ERROR(read_image(path("a.ppm")), "its largest value is 65535; PNM files of 0 to 255");
  // A comment ends at a carriage return, too.
  testing::write_file(path("a.ppm"), "P6 #\r1 2#0\n2511 0\n255\nabcdef");
  EXPECT_ERROR(read_image(path("a.ppm")), "its largest value is 2511");
  testing::write_file(path("a.ppm"), "P5 2 1 15\nab");
  EXPECT_ERROR(read_image(path("a.ppm")), "its largest value is 15");
}

TEST_F(ImageTest, EscapesWhatTheFileCallsItsParts) {
  std::string bytes = red_pixel();
  bytes.replace(bytes.find("IDAT"), 4, "A\x1b\xff\n");
  testing::write_file(path("a.png"), bytes);
  EXPECT_ERROR(read_image(path("a.png")), "A\\x1b\\xff\\x0a");
}

TEST_F(ImageTest, SaysWhatIsWrong) {
  const Tensor image = pattern(2, 2, 3);
  EXPECT_ERROR(write_image(image, path("a.bmp")), "the formats there are");
  EXPECT_ERROR(write_image(image.to(float32), path("a.png")), "expected uint8");
  EXPECT_ERROR(write_image(pattern(2, 2, 2), path("a.png")), "2 channels");
  EXPECT_ERROR(write_image(pattern(2, 2, 4), path("a.jpg")), "4 channels");
  EXPECT_ERROR(write_image(pattern(0, 2, 3), path("a.png")), "empty");
  EXPECT_ERROR(write_image(image, path("absent/a.png")), "there is no folder");
  EXPECT_ERROR(read_image(path("a.png")), "No such file");
  testing::write_file(path("a.png"), "no image");
  EXPECT_ERROR(read_image(path("a.png")),
               "a.png: it is not a readable picture: it begins with \"no image\", as no PNG, JPEG");
  testing::write_file(path("a.png"), "");
  EXPECT_ERROR(read_image(path("a.png")), "a.png: it is not a readable picture: it is empty");
  testing::write_file(path("a.png"), "RIFF1234WEBPVP8 ");
  EXPECT_ERROR(read_image(path("a.png")), "it is a WebP picture, which is not read here; convert");
  testing::write_file(path("a.png"), std::string("MM\0*", 4));
  EXPECT_ERROR(read_image(path("a.png")), "it is a TIFF picture");
  EXPECT_ERROR(read_image(path("a.png"), 2), "channels can be");
}

}  // namespace
}  // namespace cuttle
