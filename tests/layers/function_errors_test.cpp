// What embedding, embedding_bag, bilinear, prelu, glu and pixel_shuffle say of what does not fit.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/activations.h>
#include <cuttle/core/ops/bilinear.h>
#include <cuttle/core/ops/embedding.h>
#include <cuttle/layers/activation/activations.h>
#include <cuttle/layers/bilinear.h>
#include <cuttle/layers/embedding.h>
#include <cuttle/layers/flatten.h>

#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class FunctionErrors : public DeviceTest {
 protected:
  Tensor of(const Shape& shape, DType dtype = float32) const {
    return zeros(shape, {.dtype = dtype, .device = device()});
  }
  template <class F>
  static std::string message(const F& f) {
    return error_of([&] { (void)f(); });
  }
};
CUTTLE_INSTANTIATE_DEVICES(FunctionErrors);

TEST_P(FunctionErrors, OfEmbedding) {
  const Tensor indices = of({2}, int64), table = of({5, 3});
  EXPECT_EQ(message([&] { return embedding(indices, of({5})); }),
            "embedding: expected a weight (rows, features) of a floating dtype, got shape [5] of "
            "float32");
  EXPECT_EQ(message([&] {
              return embedding(indices, of({5, 3}, int64));
            }),
            "embedding: expected a weight (rows, features) of a floating dtype, got shape [5, 3] "
            "of int64");
  for (const int64_t padding : {-6, 5})
    EXPECT_EQ(message([&] { return embedding(indices, table, {.padding_idx = padding}); }),
              "embedding: padding_idx must lie between -5 and 4, the rows of the weight, got " +
                  std::to_string(padding));
  EXPECT_EQ(message([&] { return Embedding(-1, 3); }),
            "Embedding: num_embeddings and embedding_dim cannot be negative, got -1 and 3");
  EXPECT_EQ(message([&] { return Embedding(4, 3, {.padding_idx = 4}); }),
            "Embedding: padding_idx must lie between -4 and 3, got 4");
}

TEST_P(FunctionErrors, OfEmbeddingBag) {
  const Tensor line = of({4}, int64), bags = of({2, 2}, int64), table = of({5, 3});
  EXPECT_EQ(message([&] { return embedding_bag(bags, table, of({1}, int64)); }),
            "embedding_bag: indices of shape [2, 2] are bags already; offsets go with a vector of "
            "indices");
  EXPECT_EQ(message([&] {
              return embedding_bag(of({1, 2, 2}, int64), table);
            }),
            "embedding_bag: expected indices of one or two dimensions, got shape [1, 2, 2]");
  const std::string wants =
      "embedding_bag: a vector of indices wants offsets, a vector of integers that says where each "
      "bag begins, got ";
  EXPECT_EQ(message([&] { return embedding_bag(line, table); }), wants + "none");
  EXPECT_EQ(message([&] { return embedding_bag(line, table, of({2})); }), wants + "shape [2]");
  EXPECT_EQ(message([&] {
              return embedding_bag(bags, table, {}, {}, of({2, 2}));
            }),
            "embedding_bag: per_sample_weights are defined for sums alone; use BagMode::sum");
  EXPECT_EQ(
      message([&] { return embedding_bag(bags, table, {}, {.mode = BagMode::sum}, of({2})); }),
      "embedding_bag: expected per_sample_weights of the indices' shape [2, 2], got [2]");
}

TEST_P(FunctionErrors, OfBilinear) {
  const Tensor weight = of({4, 2, 3});
  const std::string expected =
      "bilinear: expected input1 (…, I), input2 (…, J), weight (O, I, J) and bias (O), got shapes ";
  EXPECT_EQ(message([&] {
              return bilinear(of({5, 3}), of({5, 3}), weight);
            }),
            expected + "[5, 3], [5, 3], [4, 2, 3] and none");
  EXPECT_EQ(message([&] {
              return bilinear(of({5, 2}), of({6, 3}), weight);
            }),
            expected + "[5, 2], [6, 3], [4, 2, 3] and none");
  EXPECT_EQ(message([&] {
              return bilinear(of({5, 2}), of({5, 3}), weight, of({3}));
            }),
            expected + "[5, 2], [5, 3], [4, 2, 3] and [3]");
  EXPECT_EQ(message([&] {
              return bilinear(of({5, 2}), of({5, 3}), of({4, 6}));
            }),
            expected + "[5, 2], [5, 3], [4, 6] and none");
  EXPECT_EQ(message([&] { return Bilinear(0, 3, 4); }),
            "Bilinear: in1_features must be at least 1 and the other sizes at least 0, got 0, 3 "
            "and 4");
}

TEST_P(FunctionErrors, OfActivationsWithShapes) {
  EXPECT_EQ(message([&] {
              return prelu(of({2, 3, 4}), of({4}));
            }),
            "prelu: expected one slope, or one for each of the 3 channels of shape [2, 3, 4], got "
            "a weight of shape [4]");
  EXPECT_EQ(message([&] {
              return prelu(of({2, 3}), of({3}, float64));
            }),
            "prelu: expected x and weight of one dtype, got float32 and float64; convert one, with "
            ".to(float32) for example");
  EXPECT_EQ(message([&] { return PReLU(0); }), "PReLU: num_parameters must be at least 1, got 0");
  EXPECT_EQ(message([&] { return glu(of({})); }),
            "glu: expected at least one dimension, to take the two halves of");
  EXPECT_EQ(message([&] {
              return glu(of({4, 3}), 1);
            }),
            "glu: expected an even size along dimension 1, to take the two halves of, got shape "
            "[4, 3]");
  EXPECT_EQ(message([&] {
              return GLU()(of({4, 3}));
            }),
            "GLU: glu: expected an even size along dimension 1, to take the two halves of, got "
            "shape [4, 3]");
}

TEST_P(FunctionErrors, OfPixelShuffle) {
  EXPECT_EQ(message([&] {
              return pixel_shuffle(of({1, 6, 2, 2}), 2);
            }),
            "pixel_shuffle: expected (…, C · 4, H, W) for the factor 2, got shape [1, 6, 2, 2]");
  EXPECT_EQ(message([&] {
              return pixel_shuffle(of({4, 2}), 2);
            }),
            "pixel_shuffle: expected (…, C · 4, H, W) for the factor 2, got shape [4, 2]");
  EXPECT_EQ(message([&] {
              return pixel_unshuffle(of({1, 1, 4, 3}), 2);
            }),
            "pixel_unshuffle: expected (…, C, H · 2, W · 2) for the factor 2, got shape "
            "[1, 1, 4, 3]");
  for (const auto* name : {"PixelShuffle: upscale_factor", "PixelUnshuffle: downscale_factor"}) {
    const std::string error = name[5] == 'S' ? message([] { return PixelShuffle(0); })
                                             : message([] { return PixelUnshuffle(0); });
    EXPECT_EQ(error.find(name), 0u) << error;
  }
}

}  // namespace
}  // namespace cuttle::test
