// Transforms against values computed here.
#include <cuttle/core/creation.h>
#include <cuttle/data/transforms.h>

#include "io/scratch.h"

namespace cuttle {
namespace {

TEST(Transforms, ToTensorDividesAndTransposes) {
  for (const int64_t side : {0, 1, 31, 33}) {
    std::vector<uint8_t> bytes;
    for (int64_t i = 0; i < side * (side + 1) * 3; ++i)
      bytes.push_back(static_cast<uint8_t>(i % 256));
    const Tensor out = ToTensor()(tensor(bytes, {side, side + 1, 3}));
    EXPECT_EQ(out.dtype(), float32);
    ASSERT_EQ(out.shape(), Shape({3, side, side + 1}));
    EXPECT_TRUE(out.is_contiguous());
    const auto values = out.to_vector<float>();
    for (int64_t c = 0, i = 0; c < 3; ++c) {
      for (int64_t pixel = 0; pixel < side * (side + 1); ++pixel, ++i) {
        EXPECT_EQ(values[i], static_cast<float>(bytes[pixel * 3 + c]) / 255.0f);
      }
    }
  }
}

TEST(Transforms, ToTensorTakesViews) {
  const Tensor image = tensor<uint8_t>({0, 51, 102, 153, 204, 255}).reshape({3, 2, 1});
  EXPECT_EQ(ToTensor()(image.transpose(0, 1)).to_vector<float>(),
            (std::vector<float>{0, 102 / 255.f, 204 / 255.f, 51 / 255.f, 153 / 255.f, 1}));
}

TEST(Transforms, NormalizePerChannel) {
  const Tensor image = tensor<float>({1, 2, 3, 4, 5, 6}).reshape({3, 1, 2});
  const Normalize normalize({1, 0, 5.5f}, {1, 2, 0.5f});
  EXPECT_EQ(normalize(image).to_vector<float>(), (std::vector<float>{0, 1, 1.5, 2, -1, 1}));
  EXPECT_EQ(image.to_vector<float>()[0], 1);  // not in place
}

TEST(Transforms, ComposeGoesInOrder) {
  const Compose both({ToTensor(), Normalize({0.5f}, {0.5f}), {}});
  EXPECT_EQ(both(tensor<uint8_t>({0, 255}).reshape({1, 2, 1})).to_vector<float>(),
            (std::vector<float>{-1, 1}));
  const Tensor same = ones({2});
  EXPECT_TRUE(Compose({})(same).is_same(same));
}

TEST(Transforms, SayWhatIsWrong) {
  EXPECT_ERROR(ToTensor()(ones({2, 2, 3})), "expected a uint8 image (H, W, C)");
  EXPECT_ERROR(ToTensor()(ones({2, 2}, {.dtype = uint8})), "[2, 2]");
  EXPECT_ERROR(Normalize({1, 2}, {1}), "2 means but 1 standard");
  EXPECT_ERROR(Normalize({1}, {0}), "is 0");
  EXPECT_ERROR(Normalize({1}, {1})(ones({3, 2, 2})), "3 channels, mean and std have 1");
  EXPECT_ERROR(Normalize({1}, {1})(ones({1, 2, 2}, {.dtype = uint8})), "put ToTensor() before");
}

}  // namespace
}  // namespace cuttle
