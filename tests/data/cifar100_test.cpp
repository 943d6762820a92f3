// CIFAR-100: two labels an example, and the folders of both layouts. What it has in common with
// CIFAR-10 is tested there.
#include <cuttle/data/cifar100.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "io/scratch.h"

namespace cuttle {
namespace {

using testing::write_file;

constexpr size_t kTest = 10'000;
constexpr size_t kImage = 3072;

int fine_of(size_t record) {
  return static_cast<int>(record * 7 % 100);
}
int coarse_of(size_t record) {
  return static_cast<int>(record * 3 % 20);
}
char byte_of(size_t record, size_t place) {
  return static_cast<char>(record * 13 + place + place / 1024);
}

std::string test_records() {
  std::string bytes;
  bytes.reserve(kTest * (kImage + 2));
  for (size_t record = 0; record < kTest; ++record) {
    bytes += static_cast<char>(coarse_of(record));
    bytes += static_cast<char>(fine_of(record));
    for (size_t i = 0; i < kImage; ++i) bytes += byte_of(record, i);
  }
  return bytes;
}

class Cifar100Test : public testing::ScratchTest {};

TEST_F(Cifar100Test, ReadsFineAndCoarseLabels) {
  std::filesystem::create_directories(path("cifar-100-binary"));
  std::string bytes = test_records();
  write_file(path("cifar-100-binary/test.bin"), bytes);
  const CIFAR100 dataset(path(""), false);
  ASSERT_EQ(dataset.size(), kTest);
  for (size_t record = 0; record < kTest; ++record) {
    ASSERT_EQ(dataset.targets()[record], fine_of(record));
    ASSERT_EQ(dataset.coarse_targets()[record], coarse_of(record));
  }
  const auto [image, target] = dataset.get(4321);
  EXPECT_EQ(target, fine_of(4321));
  const auto values = image.to_vector<float>();  // (3, 32, 32)
  for (size_t i = 0; i < kImage; ++i) {
    ASSERT_EQ(values[i], static_cast<float>(static_cast<uint8_t>(byte_of(4321, i))) / 255.0f);
  }
  bytes[5 * (kImage + 2) + 1] = 100;
  write_file(path("cifar-100-binary/test.bin"), bytes);
  EXPECT_ERROR(CIFAR100(path(""), false), "record 5 has label 100 at byte 15371");
  bytes[7] = 1;
  bytes[0] = 20;
  write_file(path("cifar-100-binary/test.bin"), bytes);
  EXPECT_ERROR(CIFAR100(path("cifar-100-binary"), false), "record 0 has label 20 at byte 0");
}

TEST_F(Cifar100Test, KnowsItsClasses) {
  std::filesystem::create_directories(path("cifar-100-binary"));
  write_file(path("cifar-100-binary/test.bin"), test_records());
  const CIFAR100 dataset(path(""), false);
  const auto& classes = dataset.classes();
  ASSERT_EQ(classes.size(), 100u);
  EXPECT_TRUE(std::is_sorted(classes.begin(), classes.end()));
  EXPECT_EQ(std::set(classes.begin(), classes.end()).size(), 100u);
  EXPECT_EQ(classes[19], "cattle");
  EXPECT_EQ(classes[99], "worm");
  ASSERT_EQ(CIFAR100::coarse_classes().size(), 20u);
  EXPECT_EQ(CIFAR100::coarse_classes()[13], "non-insect_invertebrates");
}

TEST_F(Cifar100Test, SaysWhatIsMissing) {
  EXPECT_ERROR(CIFAR100(path("")),
               "CIFAR100: there is neither cifar-100-binary nor "
               "cifar-100-python in " +
                   path("").string());
  std::filesystem::create_directories(path("cifar-100-python"));
  EXPECT_ERROR(CIFAR100(path("")), "cifar-100-python lacks train; ");
  EXPECT_ERROR(CIFAR100(path(""), false), "cifar-100-python lacks test; ");
  ::setenv("CUTTLE_DATA", path("elsewhere").c_str(), 1);
  EXPECT_ERROR(CIFAR100(), path("elsewhere").string());
  ::unsetenv("CUTTLE_DATA");
  EXPECT_EQ(data_root(), "data");
  ::setenv("CUTTLE_DATA", "", 1);
  EXPECT_EQ(data_root(), "data");
  ::unsetenv("CUTTLE_DATA");
}

}  // namespace
}  // namespace cuttle
