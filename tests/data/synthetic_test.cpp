// The synthetic set: the same bytes for a seed everywhere, ten classes, figures that can be told.
#include <cuttle/data/synthetic.h>
#include <cuttle/io/files/checksum.h>

#include <algorithm>

#include "io/scratch.h"

namespace cuttle {
namespace {

std::string checksum_of(const SyntheticCIFAR10& dataset) {
  Checksum checksum(ChecksumKind::sha256);
  checksum.update(dataset.images().data<uint8_t>(), static_cast<size_t>(dataset.images().numel()));
  checksum.update(dataset.targets().data(), dataset.targets().size() * sizeof(int64_t));
  return checksum.finish();
}

TEST(SyntheticCIFAR10, SizesAndShapes) {
  const SyntheticCIFAR10 dataset(false);
  EXPECT_EQ(dataset.size(), 10'000u);
  EXPECT_EQ(dataset.classes().size(), 10u);
  EXPECT_EQ(dataset.get(0).image.shape(), Shape({3, 32, 32}));
  EXPECT_EQ(dataset.get(0).image.dtype(), float32);
  std::vector<int> counts(10);
  for (const int64_t target : dataset.targets()) ++counts.at(static_cast<size_t>(target));
  // Binomial with mean 1000 and deviation 30.
  EXPECT_GT(*std::min_element(counts.begin(), counts.end()), 850);
  EXPECT_LT(*std::max_element(counts.begin(), counts.end()), 1150);
}

TEST(SyntheticCIFAR10, ASeedGivesTheSameBytes) {
  const SyntheticCIFAR10 small(true, {}, {.size = 33}), large(true, {}, {.size = 64});
  const auto all = large.images().to_vector<uint8_t>();
  const auto some = small.images().to_vector<uint8_t>();
  EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin()));
  EXPECT_NE(checksum_of(small), checksum_of(SyntheticCIFAR10(true, {}, {.size = 33, .seed = 1})));
  EXPECT_NE(checksum_of(small), checksum_of(SyntheticCIFAR10(false, {}, {.size = 33})));
}

// Fixes the set: accuracies of different machines and versions can be compared. Whoever changes the
// drawing puts the new value here.
TEST(SyntheticCIFAR10, TheBytesAreTheseOnEveryMachine) {
  EXPECT_EQ(checksum_of(SyntheticCIFAR10(true, {}, {.size = 100})),
            "09d5f98c664e417bdfdb7220ea88d2340cc0c795f99d14b78384542c4ea6706b");
}

// The nearest class mean is right more often than one in ten: labels and pictures belong together.
TEST(SyntheticCIFAR10, ClassesDiffer) {
  const SyntheticCIFAR10 train(true, {}, {.size = 2000}), test(false, {}, {.size = 500});
  std::vector<std::vector<double>> means(10, std::vector<double>(3072));
  std::vector<double> counts(10);
  const auto add = [](const SyntheticCIFAR10& set, size_t i, auto&& visit) {
    const uint8_t* pixels = set.images().data<uint8_t>() + i * 3072;
    for (size_t p = 0; p < 3072; ++p) visit(p, pixels[p]);
  };
  for (size_t i = 0; i < train.size(); ++i) {
    auto& mean = means[static_cast<size_t>(train.targets()[i])];
    counts[static_cast<size_t>(train.targets()[i])] += 1;
    add(train, i, [&](size_t p, uint8_t value) { mean[p] += value; });
  }
  int right = 0;
  for (size_t i = 0; i < test.size(); ++i) {
    std::vector<double> distance(10);
    for (size_t k = 0; k < 10; ++k) {
      add(test, i, [&](size_t p, uint8_t value) {
        const double difference = value - means[k][p] / counts[k];
        distance[k] += difference * difference;
      });
    }
    const auto nearest = std::min_element(distance.begin(), distance.end()) - distance.begin();
    if (nearest == test.targets()[i]) ++right;
  }
  EXPECT_GT(right, 100);
  EXPECT_LT(right, 400);  // and it is no task for so simple a method
}

}  // namespace
}  // namespace cuttle
