// ColorJitter against torchvision's arithmetic; RandomErasing and RandomResizedCrop as a user sees
// them.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/data/loading/sample_random.h>
#include <cuttle/data/transforms.h>

#include <algorithm>
#include <set>

#include "io/scratch.h"
#include "support/devices.h"
#include "support/golden.h"

namespace cuttle {
namespace {

using nlohmann::json;

ColorJitter jitter_of(const std::string& name, double factor) {
  const JitterRange range(factor, factor);
  return ColorJitter({.brightness = name == "brightness" ? range : 0,
                      .contrast = name == "contrast" ? range : 0,
                      .saturation = name == "saturation" ? range : 0,
                      .hue = name == "hue" ? range : 0});
}

TEST(ColorJitter, BytesArePillowsAndFloatsTorchvisions) {
  for (const json& each : test::load_golden("transforms.json")["color"]) {
    const ColorJitter jitter = jitter_of(each["name"], each["factor"]);
    const std::string what = each["name"].get<std::string>() + " " + each["factor"].dump();
    const Tensor image = tensor(each["image"].get<std::vector<uint8_t>>())
                             .reshape(Shape(each["shape"].get<std::vector<int64_t>>()));
    const auto bytes = jitter(image).to_vector<uint8_t>();
    EXPECT_EQ(bytes, each["bytes"]["values"].get<std::vector<uint8_t>>()) << what;
    const auto floats = jitter(ToTensor()(image)).to_vector<float>();
    const auto expected = each["floats"]["values"].get<std::vector<float>>();
    ASSERT_EQ(floats.size(), expected.size());
    for (size_t i = 0; i < floats.size(); ++i)
      ASSERT_NEAR(floats[i], expected[i], 2e-6) << i << " of " << what;
  }
}

TEST(ColorJitter, DrawsFactorsFromTheirRange) {
  // Brightness of a white pixel is its factor, where that is below 1.
  const ColorJitter jitter({.brightness = {0.2, 0.8}});
  std::vector<float> factors;
  for (uint64_t i = 0; i < 2000; ++i) {
    const SampleRandomScope scope(1, 0, i);
    factors.push_back(jitter(ones({3, 1, 1})).select(0, 0).item<float>());
  }
  std::sort(factors.begin(), factors.end());
  for (size_t i = 0; i < factors.size(); ++i)
    EXPECT_NEAR(factors[i], 0.2 + 0.6 * (double(i) + 0.5) / 2000, 0.6 * 0.05) << i;
  const Tensor image = rand({3, 4, 4});
  EXPECT_TRUE(ColorJitter({})(image).equal(image));
}

TEST(ColorJitter, SaysWhatIsWrong) {
  EXPECT_ERROR(ColorJitter({.brightness = -1}), "brightness must not be negative, got -1");
  EXPECT_ERROR(ColorJitter({.contrast = {2, 1}}), "contrast must lie between 0 and 1e+06, got 2");
  EXPECT_ERROR(ColorJitter({.hue = 0.6}), "hue must lie between -0.5 and 0.5");
  EXPECT_ERROR(ColorJitter({.hue = 0.1})(ones({2, 4, 4})), "one channel or three, got [2, 4, 4]");
}

TEST(RandomErasing, ErasesABox) {
  const RandomErasing erasing({.p = 1, .scale = {0.1, 0.2}, .value = std::vector<float>{2, 3}});
  std::set<std::vector<float>> seen;
  for (uint64_t i = 0; i < 50; ++i) {
    const SampleRandomScope scope(1, 0, i);
    const Tensor out = erasing(zeros({2, 10, 12}));
    const Tensor rows = out.select(0, 0).amax({1}), cols = out.select(0, 0).amax({0});
    const double height = rows.sum().item() / 2, width = cols.sum().item() / 2;
    EXPECT_EQ(out.select(0, 0).sum().item(), 2 * height * width);  // a full box
    EXPECT_EQ(out.select(0, 1).sum().item(), 3 * height * width);
    EXPECT_GE(height * width, 120 * 0.1 - 6);  // sides are rounded
    EXPECT_LE(height * width, 120 * 0.2 + 6);
    seen.insert(out.to_vector<float>());
  }
  EXPECT_GT(seen.size(), 30u);
  const Tensor image = rand({3, 6, 6});
  EXPECT_TRUE(RandomErasing({.p = 0})(image).equal(image));
  EXPECT_FALSE(RandomErasing({.p = 1, .value = "random"})(image).equal(image));
}

TEST(RandomErasing, SaysWhatIsWrong) {
  EXPECT_ERROR(RandomErasing({.p = 2}), "p must lie between 0 and 1, got 2");
  EXPECT_ERROR(RandomErasing({.scale = {0.3, 0.2}}), "the range of scale must rise");
  EXPECT_ERROR(RandomErasing({.scale = {0.3, 1.2}}), "at most 1, got 1.2");
  EXPECT_ERROR(RandomErasing({.ratio = {0, 1}}), "the range of ratio must rise and be positive");
  EXPECT_ERROR(RandomErasing({.value = "zero"}), "got \"zero\"");
  EXPECT_ERROR(RandomErasing({.value = std::vector<float>(17)}), "at most 16 values, got 17");
  EXPECT_ERROR(RandomErasing({.value = std::vector<float>{1, 2}})(ones({3, 4, 4})),
               "2 values for an image of 3 channels");
  EXPECT_ERROR(RandomErasing()(ones({4, 4, 3}, {.dtype = uint8})), "put ToTensor() before it");
}

TEST(RandomResizedCrop, OfWholeImagesIsResize) {
  const Tensor bytes = randint(0, 256, {9, 9, 3}, {.dtype = uint8});
  const Tensor floats = ToTensor()(bytes);
  for (const char* const interpolation : {"nearest", "bilinear", "bicubic"}) {
    const RandomResizedCrop crop(
        {5, 14}, {.scale = {1, 1}, .ratio = {1, 1}, .interpolation = interpolation});
    const Resize resize({5, 14}, {.interpolation = interpolation});
    EXPECT_TRUE(crop(bytes).equal(resize(bytes)));
    EXPECT_TRUE(crop(floats).equal(resize(floats)));
  }
}

TEST(RandomResizedCrop, IsAResizedPart) {
  // Pixels that count rows and columns: the result's ends tell where the part was.
  std::vector<float> values;
  for (int64_t h = 0; h < 20; ++h)
    for (int64_t w = 0; w < 20; ++w) values.push_back(static_cast<float>(100 * h + w));
  const Tensor image = tensor(values).reshape({1, 20, 20});
  const RandomResizedCrop crop(40, {.scale = {0.2, 0.6}, .interpolation = "nearest"});
  std::set<int64_t> tops, heights;
  for (uint64_t i = 0; i < 200; ++i) {
    const SampleRandomScope scope(4, 0, i);
    const auto out = crop(image).to_vector<float>();
    const auto first = static_cast<int64_t>(out.front()), last = static_cast<int64_t>(out.back());
    const int64_t top = first / 100, left = first % 100;
    const int64_t height = last / 100 - top + 1, width = last % 100 - left + 1;
    EXPECT_GE(height * width, 400 * 0.2 - 20);  // sides are rounded
    EXPECT_LE(height * width, 400 * 0.6 + 20);
    tops.insert(top), heights.insert(height);
    for (int64_t row = 0; row < 40; ++row)
      EXPECT_EQ(out[static_cast<size_t>(row * 40)],
                static_cast<float>(100 * (top + row * height / 40) + left));
  }
  EXPECT_GT(tops.size(), 8u);
  EXPECT_GT(heights.size(), 6u);
  EXPECT_ERROR(RandomResizedCrop(4, {.scale = {-1, 1}}), "the range of scale must rise");
  EXPECT_ERROR(RandomResizedCrop(4, {.ratio = {2, 1}}), "the range of ratio must rise");
  EXPECT_ERROR(RandomResizedCrop(4, {.interpolation = "box"}), "got \"box\"");
}

class BatchedAugmentation : public test::DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(BatchedAugmentation);

TEST_P(BatchedAugmentation, GivesEachImageItsOwnOnEveryDevice) {
  const Tensor images = rand({1, 3, 9, 8}).expand({24, 3, 9, 8}).contiguous();
  const Tensor bytes = (images * 255).to(uint8);
  const Transform colors =
      ColorJitter({.brightness = 0.4, .contrast = 0.4, .saturation = 0.4, .hue = 0.1});
  const Transform erasing = RandomErasing({.p = 0.8, .value = "random"});
  const Transform resized = RandomResizedCrop({6, 7});
  const Transform all = Compose({resized, RandomHorizontalFlip(), colors, erasing});
  const auto check = [&](const Transform& transform, const Tensor& batch) {
    const auto run = [&](const Device& where, int64_t first, int64_t n) {
      const BatchRandomScope scope(3, 8, arange(first, first + n).to(where));
      return transform(batch.narrow(0, first, n).to(where)).cpu();
    };
    const Tensor expected = run(Device(), 0, 24);
    EXPECT_TRUE(run(device(), 0, 24).equal(expected));
    EXPECT_TRUE(run(device(), 7, 5).equal(expected.narrow(0, 7, 5)));
    const Tensor last = batch.contiguous(MemoryFormat::channels_last);
    const BatchRandomScope scope(3, 8, arange(24).to(device()));
    const Tensor in_other_order = transform(last.to(device()));
    EXPECT_TRUE(in_other_order.cpu().equal(expected));
    EXPECT_TRUE(in_other_order.is_contiguous(MemoryFormat::channels_last));
    std::set<std::vector<float>> different;
    for (int64_t i = 0; i < 24; ++i)
      different.insert(expected.select(0, i).to(float32).to_vector<float>());
    EXPECT_GT(different.size(), 15u);
  };
  for (const Transform& transform : {colors, erasing, resized, all}) check(transform, images);
  for (const Transform& transform : {colors, resized}) check(transform, bytes);
}

}  // namespace
}  // namespace cuttle
