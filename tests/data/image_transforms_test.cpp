// Sizes and middles against torchvision: bytes against Pillow's, floats against torch's.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/data/transforms.h>

#include "io/scratch.h"
#include "support/devices.h"
#include "support/golden.h"

namespace cuttle {
namespace {

using nlohmann::json;

Shape shape_of(const json& sizes) {
  return Shape(sizes.get<std::vector<int64_t>>());
}

/// (H, W, C)
Tensor image_of(const json& each) {
  return tensor(each["image"].get<std::vector<uint8_t>>()).reshape(shape_of(each["shape"]));
}

Resize resize_of(const json& size, const ResizeOptions& options) {
  if (size.size() == 1) return Resize(size[0].get<int64_t>(), options);
  return Resize({size[0].get<int64_t>(), size[1].get<int64_t>()}, options);
}

/// What an example of this section of the golden file was made by.
Transform transform_of(const std::string& section, const json& each) {
  if (section == "resize") return resize_of(each["size"], {.interpolation = each["interpolation"]});
  if (section == "max_size")
    return resize_of(each["size"], {.max_size = each["max_size"].get<int64_t>()});
  if (section == "center_crop")
    return CenterCrop({each["size"][0].get<int64_t>(), each["size"][1].get<int64_t>()});
  const json& p = each["padding"];
  const auto size = shape_of(each["bytes"]["shape"]);  // a crop of all: one place
  return RandomCrop({size[0], size[1]},
                    {.padding = {p[0], p[1], p[2], p[3]}, .padding_mode = each["mode"]});
}

/// The transform of the bytes and of the floats.
void check(const json& each, const Transform& transform, double tolerance) {
  const Tensor image = image_of(each);
  const Tensor bytes = transform(image);
  Shape shape = shape_of(each["bytes"]["shape"]);
  shape.push_back(image.size(2));
  ASSERT_EQ(bytes.shape(), shape) << each.dump();
  EXPECT_EQ(bytes.dtype(), uint8);
  EXPECT_EQ(bytes.to_vector<uint8_t>(), each["bytes"]["values"].get<std::vector<uint8_t>>())
      << each.dump();

  const Tensor floats = ToTensor()(image), one = transform(floats);
  const auto expected = each["floats"]["values"].get<std::vector<float>>();
  ASSERT_EQ(one.shape(), Shape({image.size(2), shape[0], shape[1]}));
  const auto values = one.to_vector<float>();
  for (size_t i = 0; i < values.size(); ++i)
    ASSERT_NEAR(values[i], expected[i], tolerance) << i << " of " << each.dump();
}

void check_all(const std::string& section, double tolerance) {
  for (const json& each : test::load_golden("transforms.json")[section])
    check(each, transform_of(section, each), tolerance);
}

class TransformsOfBatches : public test::DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(TransformsOfBatches);

TEST_P(TransformsOfBatches, AreThoseOfEachImage) {
  const json golden = test::load_golden("transforms.json");
  for (const std::string section : {"resize", "max_size", "center_crop", "pad"})
    for (const json& each : golden[section]) {
      const Transform transform = transform_of(section, each);
      const Tensor image = image_of(each), floats = ToTensor()(image), one = transform(floats);
      const Tensor batch = transform(stack({floats, floats}).to(device())).cpu();
      EXPECT_TRUE(batch.select(0, 0).equal(one)) << each.dump();
      EXPECT_TRUE(batch.select(0, 1).equal(one)) << each.dump();
      const Tensor pixels = image.permute({2, 0, 1}).unsqueeze(0).contiguous();
      const Tensor of_bytes = transform(pixels.to(device())).cpu();
      EXPECT_TRUE(of_bytes.select(0, 0).permute({1, 2, 0}).equal(transform(image))) << each.dump();
    }
}

TEST(Resize, BytesArePillowsAndFloatsTorchs) {
  check_all("resize", 2e-6);
}

TEST(Resize, LimitsTheLongerEdge) {
  check_all("max_size", 2e-6);
}

TEST(Resize, LeavesWhatFits) {
  const Tensor image = ones({4, 6, 3}, {.dtype = uint8});
  EXPECT_TRUE(Resize(4)(image).is_same(image));
  EXPECT_TRUE(Resize({4, 6})(image).is_same(image));
}

TEST(Resize, WithoutAntialiasIsInterpolate) {
  const Tensor image = arange(48, {.dtype = float32}).reshape({1, 6, 8});
  const Tensor out = Resize({2, 2}, {.antialias = false})(image);
  // Between the two middle pixels of each half: rows 1, 4 and columns 1.5, 5.5.
  EXPECT_EQ(out.to_vector<float>(), (std::vector<float>{9.5, 13.5, 33.5, 37.5}));
}

TEST(Resize, SaysWhatIsWrong) {
  EXPECT_ERROR(Resize(0), "sides are at least 1");
  EXPECT_ERROR(Resize(4, {.interpolation = "lanczos"}), "got \"lanczos\"");
  EXPECT_ERROR(Resize(4, {.max_size = 4}), "must be larger than the shorter edge");
  EXPECT_ERROR(Resize({4, 4}, {.max_size = 9}), "goes with one number");
  EXPECT_ERROR(Resize(4)(ones({5, 5})), "expected a uint8 image (H, W, C), a float32 image");
  EXPECT_ERROR(Resize(4)(ones({5, 5, 3}, {.dtype = float64})), "got float64 [5, 5, 3]");
  EXPECT_ERROR(Resize(4)(ones({3, 0, 5})), "has no pixels");
  EXPECT_ERROR(Resize(4)(Tensor()), "undefined");
  EXPECT_ERROR(Resize(4)(ones({3, 5, 5}, {.requires_grad = true})), "detach() it");
}

TEST(CenterCrop, TakesTheMiddleAndPads) {
  check_all("center_crop", 1e-7);
  EXPECT_ERROR(CenterCrop(0), "CenterCrop: the size is 0 × 0");
}

TEST(RandomCrop, PadsAsTorchvision) {
  check_all("pad", 1e-7);
}

TEST(Lambda, IsAFunction) {
  const Lambda doubled([](const Tensor& image) { return image * 2; });
  EXPECT_EQ(Compose({doubled, doubled})(ones({1})).item(), 4);
  EXPECT_ERROR(Lambda(Transform()), "the function is empty");
}

}  // namespace
}  // namespace cuttle
