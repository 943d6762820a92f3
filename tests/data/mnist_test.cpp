// MNIST and FashionMNIST in each place and form that their files can have.
#include <cuttle/data/mnist.h>
#include <cuttle/io/network/download.h>

#include "idx_files.h"
#include "io/scratch.h"

namespace cuttle {
namespace {

using testing::idx;
using testing::write_file;

const std::string kImages = "train-images-idx3-ubyte", kLabels = "train-labels-idx1-ubyte";

class MnistTest : public testing::ScratchTest {
 protected:
  static std::string images() {
    std::string pixels;
    for (int i = 0; i < 3 * 4 * 2; ++i) pixels += static_cast<char>(i * 11);
    return idx(0x08, {3, 4, 2}, pixels);
  }
  static std::string labels(const std::string& values) {
    return idx(0x08, {static_cast<uint32_t>(values.size())}, values);
  }
  static void expect_contents(const MNIST& dataset) {
    EXPECT_EQ(dataset.targets(), (std::vector<int64_t>{7, 0, 9}));
    EXPECT_EQ(dataset.images().shape(), Shape({3, 4, 2, 1}));
    const auto [image, target] = dataset.get(1);
    EXPECT_EQ(target, 0);
    ASSERT_EQ(image.shape(), Shape({1, 4, 2}));
    const auto values = image.to_vector<float>();
    for (int i = 0; i < 8; ++i) {
      EXPECT_EQ(values[static_cast<size_t>(i)], static_cast<float>((8 + i) * 11 % 256) / 255.0f);
    }
  }
  void write(const std::string& folder) const {
    std::filesystem::create_directories(path(folder));
    write_file(path(folder) / kImages, images());
    write_file(path(folder) / kLabels, labels({7, 0, 9}));
  }
};

TEST_F(MnistTest, OpensTorchvisionsFolders) {
  write("MNIST/raw");
  write("FashionMNIST/raw");
  expect_contents(MNIST(path("")));
  expect_contents(FashionMNIST(path("")));
  EXPECT_EQ(MNIST(path("")).classes().at(9), "9 - nine");
  EXPECT_EQ(FashionMNIST(path("")).classes().at(9), "Ankle boot");
  EXPECT_EQ(FashionMNIST(path("")).classes().size(), 10u);
  expect_contents(MNIST(path("MNIST/raw")));
  EXPECT_ERROR(MNIST(path(""), /*train=*/false),
               "MNIST: there is neither t10k-images-idx3-ubyte nor t10k-images-idx3-ubyte.gz in " +
                   path("MNIST/raw").string() + " or " + path("").string() +
                   "; put it there, or set download");
  EXPECT_ERROR(FashionMNIST(path("absent")), "FashionMNIST: there is neither train-images");
}

#if CUTTLE_WITH_ARCHIVE
TEST_F(MnistTest, ReadsGzippedFiles) {
  std::filesystem::create_directories(path("MNIST/raw"));
  testing::write_gzip(path("MNIST/raw/t10k-images-idx3-ubyte.gz"), images());
  testing::write_gzip(path("MNIST/raw/t10k-labels-idx1-ubyte.gz"), labels({7, 0, 9}));
  expect_contents(MNIST(path(""), /*train=*/false));
}
#endif

TEST_F(MnistTest, SaysWhatIsWrong) {
  write("");
  write_file(path(kLabels), labels({7, 0}));
  EXPECT_ERROR(MNIST(path("")),
               kImages + " holds 3 images, " + path(kLabels).string() + " 2 labels");
  write_file(path(kLabels), labels({7, 10, 9}));
  EXPECT_ERROR(MNIST(path("")), kLabels + " has label 10 at byte 9, labels go from 0 to 9");
  write_file(path(kLabels), images());
  EXPECT_ERROR(MNIST(path("")), kLabels + " holds uint8 of 3 dimensions, not uint8 of 1");
  write_file(path(kImages), idx(0x09, {0, 1, 1}, ""));
  EXPECT_ERROR(MNIST(path("")), kImages + " holds int8 of 3 dimensions, not uint8 of 3");
  write_file(path(kImages), images().substr(0, 20));
  EXPECT_ERROR(MNIST(path("")),
               "MNIST: cannot read " + path(kImages).string() + ": it is cut short at byte 20");
  write_file(path(kImages), idx(0x08, {0, 28, 28}, ""));
  write_file(path(kLabels), labels(""));
  EXPECT_EQ(MNIST(path("")).size(), 0u);
}

TEST_F(MnistTest, ADownloadThatCannotBePutDownIsADownloadError) {
  write_file(path("file"), "");
  const std::string sentence = testing::error_of<DownloadError>(
      [&] { MNIST(path("file/root"), true, ToTensor(), /*download=*/true); });
  EXPECT_NE(sentence.find("MNIST: cannot "), std::string::npos) << sentence;
}

}  // namespace
}  // namespace cuttle
