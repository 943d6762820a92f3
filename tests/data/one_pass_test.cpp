// Transforms that a Compose runs in one pass: the bits, and the draws, of one after the other.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/random.h>
#include <cuttle/data/loading/sample_random.h>
#include <cuttle/data/transforms.h>

#include "support/expect.h"

namespace cuttle::test {
namespace {

using Transforms = std::vector<Transform>;

Tensor picture(int64_t height, int64_t width, int64_t channels) {
  return randint(0, 256, {height, width, channels}, {.dtype = uint8});
}

Tensor one_by_one(const Transforms& transforms, const Tensor& image) {
  Tensor out = image;
  for (const Transform& transform : transforms)
    if (transform) out = transform(out);
  return out;
}

// Several examples, each with draws of its own.
void expect_as_one_by_one(const Transforms& transforms, const Tensor& image) {
  const Compose composed(transforms);
  for (uint64_t example = 0; example < 8; ++example) {
    Tensor got, wanted;
    double next_got = 0, next_wanted = 0;
    {
      const SampleRandomScope scope(3, 0, example);
      got = composed(image);
      next_got = sample_random().uniform();
    }
    {
      const SampleRandomScope scope(3, 0, example);
      wanted = one_by_one(transforms, image);
      next_wanted = sample_random().uniform();
    }
    ASSERT_EQ(got.shape(), wanted.shape());
    ASSERT_EQ(got.dtype(), wanted.dtype());
    ASSERT_TRUE(got.is_contiguous());
    ASSERT_EQ(got.to_vector<float>(), wanted.to_vector<float>()) << "example " << example;
    ASSERT_EQ(next_got, next_wanted) << "another number of draws";
  }
}

const Normalize kColours({0.49f, 0.48f, 0.45f}, {0.25f, 0.24f, 0.26f});

TEST(OnePass, GivesTheBitsOfOneAfterTheOther) {
  const Tensor image = picture(9, 13, 3);
  const RandomCrop crop({5, 7}, {.padding = 2, .fill = 17});
  const RandomCrop mirrored({12, 14}, {.padding = {2, 3}, .padding_mode = "reflect"});
  const RandomHorizontalFlip flip;
  for (const Transforms& transforms : std::vector<Transforms>{
           {ToTensor()},
           {ToTensor(), kColours},
           {flip, ToTensor()},
           {crop, ToTensor(), kColours},
           {crop, flip, ToTensor(), kColours},
           {mirrored, flip, ToTensor(), kColours},
           {RandomHorizontalFlip(1), ToTensor(), kColours},
           {RandomHorizontalFlip(0), ToTensor(), kColours},
       })
    expect_as_one_by_one(transforms, image);
}

TEST(OnePass, WhateverTheChannelsAndStrides) {
  const Transforms transforms{RandomCrop(4, {.pad_if_needed = true}), RandomHorizontalFlip(),
                              ToTensor()};
  for (const int64_t channels : {1, 2, 3, 4, 5})
    expect_as_one_by_one(transforms, picture(6, 3, channels));
  expect_as_one_by_one(transforms, picture(1, 1, 3));
  expect_as_one_by_one(transforms, picture(7, 6, 3).transpose(0, 1));
}

TEST(OnePass, OthersStandBetween) {
  const auto invert = [](const Tensor& image) {
    Tensor out = empty_like(image);
    for (int64_t i = 0; i < image.numel(); ++i)
      out.data<uint8_t>()[i] = static_cast<uint8_t>(255 - image.data<uint8_t>()[i]);
    return out;
  };
  const Tensor image = picture(8, 8, 3);
  expect_as_one_by_one({RandomCrop(6), Lambda(invert), RandomHorizontalFlip(), ToTensor()}, image);
  expect_as_one_by_one({RandomHorizontalFlip(), RandomCrop(6), ToTensor(), kColours}, image);
  expect_as_one_by_one({Transform(), ToTensor(), Transform(), kColours}, image);
  expect_as_one_by_one({RandomCrop(6), RandomHorizontalFlip()}, image);
  EXPECT_TRUE(Compose({})(image).is_same(image));
}

TEST(OnePass, RefusesInTheTransformsSentences) {
  const Transforms transforms{RandomCrop(6), RandomHorizontalFlip(), ToTensor(), kColours};
  const Compose composed(transforms);
  for (const Tensor& image :
       {picture(8, 8, 1), picture(8, 8, 4), picture(5, 8, 3), picture(8, 8, 3).to(int64),
        picture(0, 8, 3), picture(8, 8, 3).select(0, 0)}) {
    const std::string sentence = error_of([&] { (void)composed(image); });
    EXPECT_EQ(sentence, error_of([&] { (void)one_by_one(transforms, image); }));
    EXPECT_NE(sentence, "");
  }
}

}  // namespace
}  // namespace cuttle::test
