// Random crops and flips: what they draw, how often, and that it belongs to the example.
#include <cuttle/core/captured_step.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/generator.h>
#include <cuttle/data/loading/sample_random.h>
#include <cuttle/data/transforms.h>
#include <cuttle/data/transforms/batch_random.h>

#include <cmath>
#include <set>

#include "io/scratch.h"
#include "support/devices.h"

namespace cuttle {
namespace {

/// Pixel (h, w) is 16 · h + w + 1, uint8 (side, side, 1).
Tensor numbered(int64_t side) {
  std::vector<uint8_t> values;
  for (int64_t h = 0; h < side; ++h)
    for (int64_t w = 0; w < side; ++w) values.push_back(static_cast<uint8_t>(16 * h + w + 1));
  return tensor(values).reshape({side, side, 1});
}

TEST(RandomCrop, TakesEveryPlace) {
  const Tensor image = numbered(6);
  const RandomCrop crop({4, 5}, {.padding = 1, .fill = 99});
  std::set<std::vector<uint8_t>> seen;
  for (uint64_t i = 0; i < 500; ++i) {
    const SampleRandomScope scope(3, 0, i);
    const Tensor out = crop(image);
    ASSERT_EQ(out.shape(), Shape({4, 5, 1}));
    seen.insert(out.to_vector<uint8_t>());
  }
  std::set<std::vector<uint8_t>> all;
  for (int64_t top = -1; top <= 3; ++top)
    for (int64_t left = -1; left <= 2; ++left) {
      std::vector<uint8_t> part;
      for (int64_t h = top; h < top + 4; ++h)
        for (int64_t w = left; w < left + 5; ++w)
          part.push_back(h < 0 || h > 5 || w < 0 || w > 5 ? 99
                                                          : static_cast<uint8_t>(16 * h + w + 1));
      all.insert(part);
    }
  EXPECT_EQ(seen, all);
}

TEST(RandomCrop, PadsWhatIsSmaller) {
  const RandomCrop crop(5, {.pad_if_needed = true});
  std::set<int64_t> places;  // of the only pixel that is not 0
  for (uint64_t i = 0; i < 400; ++i) {
    const SampleRandomScope scope(0, 0, i);
    const auto values = crop(numbered(1)).to_vector<uint8_t>();
    ASSERT_EQ(values.size(), 25u);
    for (int64_t k = 0; k < 25; ++k)
      if (values[static_cast<size_t>(k)] != 0) places.insert(k);
  }
  EXPECT_EQ(places.size(), 25u);
}

TEST(RandomCrop, SaysWhatIsWrong) {
  EXPECT_ERROR(RandomCrop(4, {.padding_mode = "wrap"}), "got \"wrap\"");
  EXPECT_ERROR(RandomCrop(4, {.padding = {1, -1}}), "must not be negative");
  EXPECT_ERROR(RandomCrop(4, {.padding = 1, .fill = 256})(numbered(4)),
               "between 0 and 255, got 256");
  EXPECT_ERROR(RandomCrop(4)(numbered(3)), "a crop of 4 × 4 does not fit an image of 3 × 3");
  EXPECT_ERROR(RandomHorizontalFlip(1.5), "p must lie between 0 and 1, got 1.5");
}

TEST(RandomHorizontalFlip, FlipsAsOftenAsItShould) {
  const Tensor image = numbered(2);
  const Tensor floats = ToTensor()(image);
  for (const double p : {0.0, 0.25, 0.5, 1.0}) {
    int64_t flips = 0;
    constexpr int64_t kTries = 10000;
    const RandomHorizontalFlip flip(p);
    for (int64_t i = 0; i < kTries; ++i) {
      const SampleRandomScope scope(7, 1, static_cast<uint64_t>(i));
      const Tensor out = flip(image);
      const bool flipped = out.to_vector<uint8_t>() == std::vector<uint8_t>{2, 1, 18, 17};
      EXPECT_TRUE(flipped || out.equal(image));
      flips += flipped;
    }
    EXPECT_LE(std::abs(double(flips) - kTries * p), 5 * std::sqrt(kTries * p * (1 - p))) << p;
  }
  EXPECT_TRUE(RandomHorizontalFlip(1)(floats).equal(floats.flip({2})));
}

TEST(RandomTransforms, BelongToTheExample) {
  const Compose augment(
      {RandomCrop(6, {.padding = 3, .padding_mode = "reflect"}), RandomHorizontalFlip()});
  const auto drawn = [&](uint64_t seed, uint64_t epoch, uint64_t index) {
    const SampleRandomScope scope(seed, epoch, index);
    return augment(numbered(6)).to_vector<uint8_t>();
  };
  std::set<std::vector<uint8_t>> different;
  for (uint64_t i = 0; i < 20; ++i) {
    EXPECT_EQ(drawn(1, 2, i), drawn(1, 2, i));
    different.insert(drawn(1, 2, i));
    different.insert(drawn(1, 3, i));
    different.insert(drawn(2, 2, i));
  }
  EXPECT_GT(different.size(), 30u);
}

class BatchTransforms : public test::DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(BatchTransforms);

/// (n, 1, 6, 6) float32 on the device, all the same.
Tensor batch_of(int64_t n, const Device& device) {
  return ToTensor()(numbered(6)).unsqueeze(0).expand({n, 1, 6, 6}).contiguous().to(device);
}

Compose augmentation() {
  return Compose(
      {RandomCrop(6, {.padding = 3, .padding_mode = "symmetric"}), RandomHorizontalFlip()});
}

TEST_P(BatchTransforms, DrawForEachImage) {
  const Tensor out = augmentation()(batch_of(30, device())).cpu();
  ASSERT_EQ(out.shape(), Shape({30, 1, 6, 6}));
  std::set<std::vector<float>> different;
  for (int64_t i = 0; i < 30; ++i) different.insert(out.select(0, i).to_vector<float>());
  EXPECT_GT(different.size(), 15u);
}

TEST_P(BatchTransforms, AreSeeded) {
  const Compose augment = augmentation();
  manual_seed(5);
  const Tensor first = augment(batch_of(8, device()));
  const Tensor second = augment(batch_of(8, device()));
  manual_seed(5);
  EXPECT_TRUE(augment(batch_of(8, device())).equal(first));
  EXPECT_FALSE(first.equal(second));
}

TEST_P(BatchTransforms, DrawAnewInEachReplay) {
  const Compose augment({RandomCrop(6, {.padding = 3}),
                         RandomErasing({.p = 0.5, .value = "random"}), RandomResizedCrop(6),
                         ColorJitter({.brightness = 0.3, .contrast = 0.3})});
  const Tensor images = batch_of(8, device());
  std::vector<Tensor> expected;
  manual_seed(5);
  for (int i = 0; i < 5; ++i) expected.push_back(augment(images));
  manual_seed(5);
  CapturedStep step([&](const Tensor& x) { return augment(x); });
  for (const Tensor& each : expected) EXPECT_TRUE(step(images).equal(each));
  EXPECT_FALSE(expected[3].equal(expected[4]));
}

TEST_P(BatchTransforms, DependOnTheNumberAlone) {
  const Compose augment = augmentation();
  const auto drawn = [&](const Device& where, int64_t first, int64_t n) {
    const BatchRandomScope scope(9, 4, arange(first, first + n).to(where));
    return augment(batch_of(n, where)).cpu();
  };
  const Tensor all = drawn(Device(), 0, 12);
  EXPECT_TRUE(drawn(device(), 0, 12).equal(all));
  EXPECT_TRUE(drawn(device(), 5, 4).equal(all.narrow(0, 5, 4)));
  const BatchRandomScope scope(9, 5, arange(0, 12).to(device()));
  EXPECT_FALSE(augment(batch_of(12, device())).cpu().equal(all));
  EXPECT_ERROR(augment(batch_of(3, device())), "it has the numbers of 12 images");
  EXPECT_ERROR(BatchRandomScope(0, 0, ones({3})), "contiguous int64 tensor (N)");
}

TEST_P(BatchTransforms, NormalizeIsTheImages) {
  const Tensor images = rand({3, 2, 4, 5});
  const Normalize normalize({0.25f, 0.5f}, {0.3f, 0.7f});
  const Tensor out = normalize(images.to(device())).cpu();
  for (int64_t i = 0; i < 3; ++i)
    EXPECT_TRUE(out.select(0, i).equal(normalize(images.select(0, i))));
}

}  // namespace
}  // namespace cuttle
