// Photographs turned upright as their EXIF orientation says.
#include <cuttle/core/creation.h>
#include <cuttle/io/image.h>

#include "scratch.h"
#include "support/png.h"

namespace cuttle {
namespace {

class OrientationTest : public testing::ScratchTest {};

// EXIF data with this orientation alone, in either order of bytes.
std::string exif(char orientation, bool highest_first) {
  using std::string_literals::operator""s;
  return highest_first
             ? "MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0"s + orientation + "\0\0\0\0\0\0"s
             : "II*\0\x08\0\0\0\1\0\x12\x01\3\0\1\0\0\0"s + orientation + "\0\0\0\0\0\0\0"s;
}

// The picture that the eight orientations show: a b c above d e f. What each file then holds is
// the definition of its orientation (EXIF 2.32: where the 0th row and the 0th column are).
TEST_F(OrientationTest, TurnsPicturesUpright) {
  const std::vector<uint8_t> upright = {1, 2, 3, 4, 5, 6};
  const std::vector<std::vector<uint8_t>> stored = {
      {1, 2, 3, 4, 5, 6},   // 1: as it is
      {3, 2, 1, 6, 5, 4},   // 2: the 0th column is at the right
      {6, 5, 4, 3, 2, 1},   // 3: and the 0th row at the bottom
      {4, 5, 6, 1, 2, 3},   // 4: the 0th row is at the bottom
      {1, 4, 2, 5, 3, 6},   // 5: rows and columns are exchanged
      {3, 6, 2, 5, 1, 4},   // 6: the 0th row is at the right
      {6, 3, 5, 2, 4, 1},   // 7: and the 0th column at the bottom
      {4, 1, 5, 2, 6, 3}};  // 8: the 0th column is at the bottom
  for (char orientation = 1; orientation <= 8; ++orientation) {
    const auto& pixels = stored[static_cast<size_t>(orientation - 1)];
    const Shape shape = orientation < 5 ? Shape{2, 3, 1} : Shape{3, 2, 1};
    write_image(tensor(pixels, shape), path("a.png"));
    std::string png = testing::read_file(path("a.png"));
    const std::string data = exif(orientation, orientation % 2 == 0);
    png.insert(33, std::string(3, '\0') + static_cast<char>(data.size()) + "eXIf" + data + "crc_");
    testing::write_file(path("a.png"), test::with_checksums(png));
    const Tensor turned = read_image(path("a.png"), 0);
    EXPECT_EQ(turned.shape(), Shape({2, 3, 1})) << int{orientation};
    EXPECT_EQ(turned.to_vector<uint8_t>(), upright) << int{orientation};
    const Tensor as_stored = read_image(path("a.png"), 0, /*apply_exif_orientation=*/false);
    EXPECT_EQ(as_stored.to_vector<uint8_t>(), pixels);
  }
}

TEST_F(OrientationTest, TakesAJpegsOrientationAndNoneThatIsDamaged) {
  using std::string_literals::operator""s;
  write_image(arange(8 * 16 * 3).to(uint8).reshape({8, 16, 3}), path("a.jpg"));
  const std::string jpeg = testing::read_file(path("a.jpg"));
  const Tensor plain = read_image(path("a.jpg"));
  const std::string data = "Exif\0\0"s + exif(6, true);
  for (size_t size = 0; size <= data.size(); ++size) {
    const auto length = static_cast<char>(size + 2);
    testing::write_file(path("b.jpg"), jpeg.substr(0, 2) + "\xFF\xE1\0"s + length +
                                           data.substr(0, size) + jpeg.substr(2));
    const Tensor read = read_image(path("b.jpg"));
    const bool is_whole = size >= data.size() - 6;  // of the entry's value and what follows
    EXPECT_EQ(read.shape(), is_whole ? Shape({16, 8, 3}) : plain.shape()) << size;
    if (is_whole) continue;
    EXPECT_EQ(read.to_vector<uint8_t>(), plain.to_vector<uint8_t>()) << size;
  }
  for (const char wrong : {'\0', '\x09', '\x7f'}) {
    const std::string other = "Exif\0\0"s + exif(wrong, false);
    testing::write_file(path("b.jpg"), jpeg.substr(0, 2) + "\xFF\xE1\0"s +
                                           static_cast<char>(other.size() + 2) + other +
                                           jpeg.substr(2));
    EXPECT_EQ(read_image(path("b.jpg")).to_vector<uint8_t>(), plain.to_vector<uint8_t>());
  }
}

}  // namespace
}  // namespace cuttle
