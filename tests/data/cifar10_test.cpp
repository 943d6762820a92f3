// CIFAR-10's two layouts, written here byte by byte, and every way they can be damaged.
#include <cuttle/data/cifar10.h>
#include <cuttle/data/files/cifar_batch.h>
#include <cuttle/io/network/download.h>

#include "io/scratch.h"

namespace cuttle {
namespace {

using testing::write_file;

constexpr size_t kRecords = 10'000;
constexpr size_t kImage = 3072;

int label_of(size_t file, size_t record) {
  return static_cast<int>((file + record * 7) % 10);
}
uint8_t pixel_of(size_t file, size_t record, size_t place) {
  return static_cast<uint8_t>(file * 41 + record * 13 + place * 3 + place / 1024);
}

// `file` is 1 … 5, or 0 for the test batch.
std::string planes(size_t file) {
  std::string bytes;
  for (size_t record = 0; record < kRecords; ++record) {
    for (size_t i = 0; i < kImage; ++i) bytes += static_cast<char>(pixel_of(file, record, i));
  }
  return bytes;
}

std::string binary_batch(size_t file) {
  const std::string images = planes(file);
  std::string bytes;
  for (size_t record = 0; record < kRecords; ++record) {
    bytes += static_cast<char>(label_of(file, record));
    bytes += images.substr(record * kImage, kImage);
  }
  return bytes;
}

std::string little_endian(uint32_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 255);
  return text;
}

std::string short_string(const std::string& text) {
  return "U" + little_endian(static_cast<uint32_t>(text.size()), 1) + text;
}

// As Python 2's cPickle wrote the official files.
std::string python_batch(size_t file, const std::string& dtype = "u1") {
  const std::string images = planes(file);
  std::string p = "\x80\x02}q\x01(";
  p += short_string("batch_label") + "q\x02" + short_string("testing batch 1 of 1") + "q\x03";
  p += short_string("labels") + "q\x04]q\x05(";
  for (size_t record = 0; record < kRecords; ++record) {
    p += "K" + little_endian(static_cast<uint32_t>(label_of(file, record)), 1);
  }
  p += "e" + short_string("data") + "q\x06";
  p += "cnumpy.core.multiarray\n_reconstruct\nq\x07";
  p += "cnumpy\nndarray\nq\x08K";
  p += std::string(1, '\0') + "\x85" + short_string("b") + "\x87Rq\x09(K\x01";
  p += "M" + little_endian(kRecords, 2) + "M" + little_endian(kImage, 2) + "\x86";
  p +=
      "cnumpy\ndtype\nq\x0a" + short_string(dtype) + "K" + std::string(1, '\0') + "K\x01\x87Rq\x0b";
  p += "(K\x03" + short_string("|") + "NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK" +
       std::string(1, '\0') + "tb\x89T" + little_endian(static_cast<uint32_t>(images.size()), 4) +
       images + "tb";
  p += short_string("filenames") + "]q\x0c" + short_string("a.png") + "au.";
  return p;
}

class Cifar10Test : public testing::ScratchTest {
 protected:
  void write_test_batch(const std::string& contents) {
    std::filesystem::create_directories(path("cifar-10-batches-bin"));
    write_file(path("cifar-10-batches-bin/test_batch.bin"), contents);
  }
  void write_python(const std::string& contents) {
    std::filesystem::create_directories(path("cifar-10-batches-py"));
    write_file(path("cifar-10-batches-py/test_batch"), contents);
  }
  /// Every label, and some images whole, against what was written. `file` as above.
  static void expect_contents(const CIFAR10& dataset, size_t first, size_t file) {
    for (size_t record = 0; record < kRecords; ++record) {
      ASSERT_EQ(dataset.targets()[first + record], label_of(file, record)) << record;
    }
    for (const size_t record : {size_t{0}, size_t{1}, size_t{5555}, kRecords - 1}) {
      const auto [image, target] = dataset.get(first + record);
      EXPECT_EQ(target, label_of(file, record));
      ASSERT_EQ(image.shape(), Shape({3, 32, 32}));
      const auto values = image.to_vector<float>();
      for (size_t i = 0; i < kImage; ++i) {
        ASSERT_EQ(values[i], static_cast<float>(pixel_of(file, record, i)) / 255.0f) << i;
      }
    }
  }
};

TEST_F(Cifar10Test, ReadsTheBinaryLayout) {
  write_test_batch(binary_batch(0));
  for (size_t file = 1; file <= 5; ++file) {
    write_file(path("cifar-10-batches-bin/data_batch_" + std::to_string(file) + ".bin"),
               binary_batch(file));
  }
  const CIFAR10 train(path(""), true);
  EXPECT_EQ(train.size(), 50'000u);
  for (size_t file = 1; file <= 5; ++file) expect_contents(train, (file - 1) * kRecords, file);
  const CIFAR10 test(path(""), false);
  EXPECT_EQ(test.size(), 10'000u);
  expect_contents(test, 0, 0);
  EXPECT_EQ(test.classes().at(9), "truck");
  EXPECT_EQ(test.classes().size(), 10u);
  // The folder itself will do as well.
  expect_contents(CIFAR10(path("cifar-10-batches-bin"), false), 0, 0);
}

TEST_F(Cifar10Test, GivesUint8HeightWidthChannelsToTheTransform) {
  write_test_batch(binary_batch(0));
  const CIFAR10 dataset(path(""), false, Transform());
  const Tensor image = dataset.get(3).image;
  EXPECT_EQ(image.dtype(), uint8);
  ASSERT_EQ(image.shape(), Shape({32, 32, 3}));
  EXPECT_EQ(image[1][2][0].item<int>(), pixel_of(0, 3, 32 + 2));
  EXPECT_EQ(image[1][2][2].item<int>(), pixel_of(0, 3, 2048 + 32 + 2));
  Tensor own = dataset.get(3).image;
  own.fill_(0);  // a transform may write to what it gets
  EXPECT_EQ(dataset.get(3).image.to_vector<uint8_t>(), image.to_vector<uint8_t>());
  EXPECT_ERROR((void)dataset.get(10'000), "no example 10000");
}

TEST_F(Cifar10Test, ReadsThePythonLayout) {
  write_python(python_batch(0));
  expect_contents(CIFAR10(path(""), false), 0, 0);
  expect_contents(CIFAR10(path("cifar-10-batches-py"), false), 0, 0);
}

TEST_F(Cifar10Test, BinaryFaults) {
  const std::string whole = binary_batch(0);
  const std::string file = path("cifar-10-batches-bin/test_batch.bin").string();
  for (const size_t size : {size_t{0}, size_t{1}, whole.size() - 1}) {
    write_test_batch(whole.substr(0, size));
    EXPECT_ERROR(CIFAR10(path(""), false),
                 "CIFAR10: cannot read " + file + ": it has " + std::to_string(size) + " bytes");
  }
  write_test_batch(whole + "x");
  EXPECT_ERROR(CIFAR10(path(""), false), "not 30730000");
  std::string wrong_label = whole;
  wrong_label[1234 * 3073] = static_cast<char>(200);
  write_test_batch(wrong_label);
  EXPECT_ERROR(CIFAR10(path(""), false),
               file + ": record 1234 has label 200 at byte 3792082, labels go from 0 to 9");
  EXPECT_ERROR(CIFAR10(path(""), true), "lacks data_batch_1.bin, data_batch_2.bin");
  EXPECT_ERROR(CIFAR10(path("absent")), "set download to fetch");
}

TEST_F(Cifar10Test, PythonFaults) {
  const std::string whole = python_batch(0);
  for (size_t size = 2; size < whole.size(); size += size < 600 ? 1 : 999'983) {
    write_python(whole.substr(0, size));
    EXPECT_ERROR(CIFAR10(path(""), false), "test_batch: the pickle is cut short");
  }
  write_python(python_batch(0, "f4"));
  EXPECT_ERROR(CIFAR10(path(""), false), "uint8");
  for (const std::string& text : {std::string(), whole.substr(0, 1), std::string("\x80\x03}.")}) {
    write_python(text);
    EXPECT_ERROR(CIFAR10(path(""), false), "protocol 2");
  }
  const std::string start = "\x80\x02";
  write_python(start + "cos\nsystem\n(U\x02idtR.");  // calls nothing
  EXPECT_ERROR(CIFAR10(path(""), false), "does not hold a dictionary");
  write_python(start + "}.");
  EXPECT_ERROR(CIFAR10(path(""), false), "no entry \"data\"");
  for (const std::string text :
       {".", "t", "u", "e", "R", "b", "q\x01", "h\x05", "\x85", "(.", "I1\n"}) {
    write_python(start + text);
    EXPECT_ERROR(CIFAR10(path(""), false), "cannot read");
  }
  write_python(start + std::string(170'001, '}') + ".");
  EXPECT_ERROR(CIFAR10(path(""), false), "more than 170000 values");
  write_python(start + "]" + std::string(160'000, '\x85') + ".");  // that deep a tuple
  EXPECT_ERROR(CIFAR10(path(""), false), "does not hold a dictionary");
  write_python(std::string(64'010'001, '}'));
  EXPECT_ERROR(CIFAR10(path(""), false), "it has 64010001 bytes, more than a CIFAR batch");
  std::string wrong_label = whole;
  wrong_label[whole.find("]q\x05(") + 5] = static_cast<char>(200);
  write_python(wrong_label);
  EXPECT_ERROR(CIFAR10(path(""), false), "record 0 has label 200");
}

// Written by make_pickles.py with the libraries that the files are named after.
TEST_F(Cifar10Test, ReadsWhatNumPyPickles) {
  const CifarLayout layout{.labels = {{"coarse_labels", 20}, {"fine_labels", 100}}, .examples = 2};
  for (const char* name : {"numpy1", "numpy2", "numpy1_bytes", "numpy2_bytes"}) {
    std::vector<uint8_t> pixels(2 * kImage);
    std::vector<int64_t> coarse(2), fine(2);
    read_cifar_pickle(std::filesystem::path(CUTTLE_PICKLE_DIR) / name, layout,
                      {.pixels = pixels.data(), .labels = {coarse.data(), fine.data()}});
    EXPECT_EQ(coarse, (std::vector<int64_t>{19, 0})) << name;
    EXPECT_EQ(fine, (std::vector<int64_t>{99, 7})) << name;
    for (size_t image = 0; image < 2; ++image) {
      for (size_t i = 0; i < kImage; ++i) {
        const size_t place = i % 3 * 1024 + i / 3;  // pixel by pixel from plane by plane
        ASSERT_EQ(pixels[image * kImage + i], (image * 101 + place * 7 + place / 1024) % 256)
            << name << " " << i;
      }
    }
  }
  const CifarLayout other{.labels = {{"labels", 10}}, .examples = 2};
  std::vector<uint8_t> pixels(2 * kImage);
  std::vector<int64_t> labels(2);
  const auto file = std::filesystem::path(CUTTLE_PICKLE_DIR) / "numpy2";
  EXPECT_ERROR(read_cifar_pickle(file, other, {.pixels = pixels.data(), .labels = {labels.data()}}),
               "numpy2: it has no entry \"labels\"");
  const CifarLayout longer{.labels = layout.labels, .examples = 3};
  EXPECT_ERROR(read_cifar_pickle(file, longer, {}), "numpy2: it holds 2 images, not 3");
}

TEST_F(Cifar10Test, TakesThePlaceThatHasAllFiles) {
  std::filesystem::create_directories(path("cifar-10-batches-bin"));  // empty
  write_python(python_batch(0));
  expect_contents(CIFAR10(path(""), false), 0, 0);
  write_file(path("data_batch_1.bin"), "");  // a stray file of the other set
  expect_contents(CIFAR10(path(""), false), 0, 0);
  std::filesystem::remove_all(path("cifar-10-batches-py"));
  write_file(path("test_batch.bin"), binary_batch(0));
  expect_contents(CIFAR10(path(""), false), 0, 0);
  std::filesystem::remove(path("test_batch.bin"));
  write_file(path("test_batch"), python_batch(0));
  expect_contents(CIFAR10(path(""), false), 0, 0);
}

TEST_F(Cifar10Test, SaysWhichFilesAreMissing) {
  const std::string binary = path("cifar-10-batches-bin").string();
  const std::string python = path("cifar-10-batches-py").string();
  std::filesystem::create_directories(binary);
  EXPECT_ERROR(CIFAR10(path(""), false),
               "CIFAR10: the test set is not whole: " + binary +
                   " lacks test_batch.bin; put the "
                   "missing files there, or set download to fetch the data set");
  std::filesystem::create_directories(python);
  for (const char* name : {"/data_batch_1", "/data_batch_3"}) write_file(python + name, "");
  write_file(path("data_batch_5.bin"), "");
  const std::string missing = testing::error_of([&] { CIFAR10(path(""), true); });
  EXPECT_NE(missing.find("the training set is not whole: " + binary +
                         " lacks data_batch_1.bin, data_batch_2.bin, data_batch_3.bin, "
                         "data_batch_4.bin, data_batch_5.bin; "),
            std::string::npos)
      << missing;
  EXPECT_NE(missing.find("; " + python + " lacks data_batch_2, data_batch_4, data_batch_5"),
            std::string::npos)
      << missing;
  EXPECT_NE(missing.find("; " + path("").string() +
                         " lacks data_batch_1.bin, data_batch_2.bin, "
                         "data_batch_3.bin, data_batch_4.bin; "),
            std::string::npos)
      << missing;
  write_file(path("file"), "");
  EXPECT_ERROR(CIFAR10(path("file"), true), "there is neither cifar-10-batches-bin nor");
  EXPECT_ERROR(CIFAR10(std::string(5000, 'x'), true), "File name too long");
}

TEST_F(Cifar10Test, ADownloadThatCannotBePutDownIsADownloadError) {
  write_file(path("file"), "");
  const std::string sentence = testing::error_of<DownloadError>(
      [&] { CIFAR10(path("file/root"), true, ToTensor(), /*download=*/true); });
  EXPECT_NE(sentence.find("cannot put the data set into"), std::string::npos) << sentence;
}

}  // namespace
}  // namespace cuttle
